package group

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// heart sends the heartbeats of one generation. It beats through a Join, too, until
// the next one: while the worker waits for others, only a heartbeat tells a slow
// rebalance from a network that has gone.
type heart struct {
	member     *Member
	id         string
	generation int32
	answered   time.Time // when the last heartbeat that was answered was sent; guarded by member.mu
	stop       context.CancelFunc
	stopped    chan struct{}
}

// newHeart begins the heartbeats of a generation. sent is when the group was last told
// that the member lives.
func newHeart(m *Member, joined *kmsg.JoinGroupResponse, sent time.Time) *heart {
	ctx, cancel := context.WithCancel(context.Background())
	h := &heart{member: m, id: joined.MemberID, generation: joined.Generation, answered: sent, stop: cancel,
		stopped: make(chan struct{})}
	go h.run(ctx)
	return h
}

// end ends the heartbeats and waits for it. There may be none.
func (h *heart) end() {
	if h != nil {
		h.stop()
		<-h.stopped
	}
}

// silence is how long no heartbeat was answered. It is called with mu held.
func (h *heart) silence() time.Duration { return time.Since(h.answered) }

func (h *heart) run(ctx context.Context) {
	defer close(h.stopped)
	tick := time.NewTicker(h.member.o.Heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if !h.beat(ctx) {
			return
		}
	}
}

// beat sends a heartbeat and acts on the answer. It reports whether to go on.
func (h *heart) beat(ctx context.Context) bool {
	sent := time.Now()
	h.member.mu.Lock()
	deadline := h.answered.Add(h.member.o.SessionTimeout)
	h.member.mu.Unlock()
	limited, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	err := h.send(limited)
	switch {
	case ctx.Err() != nil:
		return false
	case err == nil, errors.Is(err, kerr.RebalanceInProgress):
		h.alive(sent, err)
		return true
	case isOne(err, kerr.UnknownMemberID, kerr.IllegalGeneration, kerr.FencedInstanceID):
		return h.refused(sent, err)
	case time.Now().Before(deadline):
		return true // it may pass
	}
	h.lost(err)
	return false
}

func (h *heart) send(ctx context.Context) error {
	req := kmsg.NewPtrHeartbeatRequest()
	req.Group, req.MemberID, req.Generation = h.member.o.Group, h.id, h.generation
	resp, err := req.RequestWith(ctx, h.member.client)
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(resp.ErrorCode)
}

// alive takes note of an answer.
func (h *heart) alive(sent time.Time, err error) {
	m := h.member
	m.mu.Lock()
	defer m.mu.Unlock()
	h.answered = sent
	if err != nil && m.standing == Stable && m.joining == nil {
		m.become(Rebalancing)
	}
}

// refused takes note that the group does not count the member. While it joins, the
// answer to that says more: that a group was reached is all that counts. It reports
// whether to go on.
func (h *heart) refused(sent time.Time, err error) bool {
	m := h.member
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.joining != nil {
		h.answered = sent
		return true
	}
	m.o.Log.Warn("the group has expelled this worker: it stops its connectors and tasks, and joins again",
		"group", m.o.Group, "cause", err)
	m.become(Expelled)
	return false
}

// lost takes note that the group was not reached for the session time-out: it may
// have expelled the member, and given its work to others.
func (h *heart) lost(err error) {
	m := h.member
	m.mu.Lock()
	defer m.mu.Unlock()
	m.o.Log.Warn("the group was not reached for session.timeout.ms: this worker stops its connectors and tasks, and "+
		"joins again", "group", m.o.Group, "cause", err)
	m.become(Expelled)
	if m.joining != nil {
		m.joining(ErrExpelled)
	}
}
