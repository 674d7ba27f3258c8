package group

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect/group/internal/assign"
	"github.com/suiro/suiro/connect/group/internal/wire"
	"github.com/suiro/suiro/connect/group/internal/work"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// ErrExpelled is returned by [Member.Join] when the group has expelled a worker that
// holds work, or could not be reached for the session time-out: stop all work at
// once, and join again.
var ErrExpelled = errors.New("expelled from the group")

// Member is a worker's membership of its group. Join and Leave are called from one
// goroutine; the other methods from any.
type Member struct {
	client  *kgo.Client
	o       Options
	rejoin  chan struct{}
	counts  *rebalances
	history assign.History // of the rounds that this member has led
	last    int32          // the generation of the last assignment
	held    wire.Assignment

	mu       sync.Mutex // guards what follows
	standing Standing
	id       string
	joining  context.CancelCauseFunc // ends the Join that is under way
	heart    *heart
}

// New returns a member that has not joined. The client may be one that does other
// things too, but is not a member of a group by itself; it stays the caller's, and
// is closed after Leave.
func New(client *kgo.Client, o Options) *Member {
	return &Member{client: client, o: o.withDefaults(), rejoin: make(chan struct{}, 1), counts: newRebalances(), last: -1}
}

// Rejoin returns the channel that gets a value when Standing becomes [Rebalancing]
// or [Expelled]. It is always the same.
func (m *Member) Rejoin() <-chan struct{} { return m.rejoin }

// Collector sends the metrics of the membership, which [Metrics] lists. It is always
// the same, and may be used from any goroutine.
func (m *Member) Collector() prometheus.Collector { return m.counts }

// Standing returns what the member is to its group.
func (m *Member) Standing() Standing {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.standing
}

// Join takes part in a rebalance and returns its result. It causes one when none is
// under way, with one exception: Kafka answers a worker that is not the leader and
// says what it said before with the assignment that it has. configOffset is up to
// where the worker has read the config topic, and holds is what it works on, or has
// worked on before it was expelled.
//
// Join waits for the other workers, which have the rebalance time-out to join. It
// returns [ErrExpelled], or what keeps it from joining: the end of ctx, brokers that do
// not answer, a missing permission, workers without a protocol in common. The worker is
// then still what it was before, and joins again after a pause.
func (m *Member) Join(ctx context.Context, configOffset int64, holds Work) (Assignment, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	mine, running := m.begin(cancel, holds)
	for {
		a, err := m.round(ctx, configOffset, mine)
		if err == nil {
			m.counts.complete(a)
			return a, nil
		}
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		if isOne(err, kerr.UnknownMemberID, kerr.FencedInstanceID) {
			m.forget()
			if running {
				err = ErrExpelled
			}
		}
		if !again(err) {
			m.end(err)
			return Assignment{}, fmt.Errorf("join group %s: %w", m.o.Group, err)
		}
	}
}

// again reports whether a round is repeated: these errors are the way of the
// protocol, and pass with the next request.
func again(err error) bool {
	return isOne(err, kerr.MemberIDRequired, kerr.UnknownMemberID, kerr.FencedInstanceID, kerr.RebalanceInProgress,
		kerr.IllegalGeneration)
}

func isOne(err error, of ...error) bool {
	return slices.ContainsFunc(of, func(e error) bool { return errors.Is(err, e) })
}

// begin takes note of a Join, and returns what the worker may say that it holds:
// nothing when it was away for so long that all has been given to others. running is
// whether it works on that still.
func (m *Member) begin(cancel context.CancelCauseFunc, holds Work) (mine work.Set, running bool) {
	m.counts.begin()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.joining = cancel
	select {
	case <-m.rejoin:
	default:
	}
	if m.standing == Expelled && m.heart != nil && m.heart.silence() > m.o.SessionTimeout+m.o.MaxDelay {
		return work.Set{}, false
	}
	return holds.Set(), !holds.Empty() && m.standing != Expelled
}

// end takes note of a Join that came to nothing.
func (m *Member) end(err error) {
	m.counts.fail()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.joining = nil
	if errors.Is(err, ErrExpelled) && m.standing != Expelled {
		m.standing = Expelled
		m.counts.expel()
	}
}

// forget drops a member id that the group does not know, and its heartbeats: what they
// hear would end the Join of the next.
func (m *Member) forget() {
	m.beating().end()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.id = ""
}

// round joins and gets the assignment.
func (m *Member) round(ctx context.Context, offset int64, mine work.Set) (Assignment, error) {
	joined, err := m.join(ctx, offset, mine)
	if err != nil {
		return Assignment{}, err
	}
	protocol, err := protocolOf(joined.Protocol)
	if err != nil {
		return Assignment{}, err
	}
	var led *led
	if joined.LeaderID == joined.MemberID {
		led = m.lead(ctx, joined, protocol)
	}
	sent := time.Now()
	got, err := m.sync(ctx, joined, led)
	if err != nil {
		return Assignment{}, err
	}
	m.last, m.held = joined.Generation, got
	if led != nil {
		m.history = led.history
	}
	m.settle(joined, sent)
	return m.assignment(joined, protocol, got, mine, led), nil
}

// assignment is the result of a round for the herder.
func (m *Member) assignment(
	joined *kmsg.JoinGroupResponse, p Protocol, got wire.Assignment, mine work.Set, led *led,
) Assignment {
	a := Assignment{Protocol: p, Generation: joined.Generation, MemberID: joined.MemberID, Leader: got.Leader,
		LeaderURL: got.LeaderURL, ConfigOffset: got.Offset, Failed: got.Failed,
		Delay: time.Duration(got.Delay) * time.Millisecond}
	a.Again = got.Failed || p != Eager && len(got.Revoked) > 0 // even if it holds nothing of that: the leader waits
	owned := got.Assigned.Minus()
	switch {
	case got.Failed:
		owned = mine
	case p != Eager:
		owned.Add(mine.Minus(got.Revoked))
	}
	a.Owned, a.Revoked = owned.Work(), mine.Minus(owned).Work()
	m.held.Assigned = owned
	if led != nil {
		a.Peers = led.peers
	}
	return a
}

// join sends JoinGroup and waits for the round to begin.
func (m *Member) join(ctx context.Context, offset int64, mine work.Set) (*kmsg.JoinGroupResponse, error) {
	req := kmsg.NewPtrJoinGroupRequest()
	req.Group = m.o.Group
	req.SessionTimeoutMillis = millis(m.o.SessionTimeout)
	req.RebalanceTimeoutMillis = millis(m.o.RebalanceTimeout)
	req.MemberID = m.memberID()
	req.ProtocolType = "connect"
	req.Protocols = m.offers(offset, mine)
	resp, err := req.RequestWith(ctx, m.client)
	if err != nil {
		return nil, err
	}
	err = kerr.ErrorForCode(resp.ErrorCode)
	if err == nil || errors.Is(err, kerr.MemberIDRequired) {
		m.mu.Lock()
		m.id = resp.MemberID
		m.mu.Unlock()
	}
	return resp, err
}

// offers are the protocols of this worker, the best first, with its metadata.
func (m *Member) offers(offset int64, mine work.Set) (out []kmsg.JoinGroupRequestProtocol) {
	meta := wire.Metadata{URL: m.o.URL, Offset: offset}
	if len(mine) > 0 || m.last >= 0 {
		held := m.held
		held.Assigned = mine
		meta.Held = &held
	}
	if m.o.Protocol == Load {
		meta.Loads = m.o.Loads()
	}
	for p := m.o.Protocol; p >= Eager; p-- {
		offer := kmsg.NewJoinGroupRequestProtocol()
		offer.Name, offer.Metadata = groupNames[p], wire.EncodeMetadata(meta, versions[p])
		out = append(out, offer)
	}
	return out
}

// sync sends SyncGroup, with everybody's assignments when this member leads.
func (m *Member) sync(ctx context.Context, joined *kmsg.JoinGroupResponse, led *led) (wire.Assignment, error) {
	req := kmsg.NewPtrSyncGroupRequest()
	req.Group = m.o.Group
	req.Generation = joined.Generation
	req.MemberID = joined.MemberID
	req.ProtocolType = joined.ProtocolType
	req.Protocol = joined.Protocol
	if led != nil {
		req.GroupAssignment = led.answers
	}
	resp, err := req.RequestWith(ctx, m.client)
	if err == nil {
		err = kerr.ErrorForCode(resp.ErrorCode)
	}
	if err != nil {
		return wire.Assignment{}, err
	}
	return wire.DecodeAssignment(resp.MemberAssignment)
}

// settle makes the member one of the generation, and begins its heartbeats.
func (m *Member) settle(joined *kmsg.JoinGroupResponse, sent time.Time) {
	m.beating().end()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.standing, m.joining = Stable, nil
	m.heart = newHeart(m, joined, sent)
}

// Leave takes the worker out of the group, so that its work is given to others
// without waiting for the session time-out. The herder has stopped all work before.
// Leaving twice, or without having joined, does nothing.
func (m *Member) Leave(ctx context.Context) error {
	m.beating().end()
	m.mu.Lock()
	id := m.id
	m.id, m.standing, m.heart = "", Out, nil
	m.mu.Unlock()
	m.last, m.held, m.history = -1, wire.Assignment{}, assign.History{}
	m.counts.leave()
	if id == "" {
		return nil
	}
	req := kmsg.NewPtrLeaveGroupRequest()
	req.Group, req.MemberID = m.o.Group, id
	leaving := kmsg.NewLeaveGroupRequestMember()
	leaving.MemberID = id
	req.Members = append(req.Members, leaving)
	resp, err := req.RequestWith(ctx, m.client)
	if err == nil {
		err = kerr.ErrorForCode(resp.ErrorCode)
	}
	if err != nil && !errors.Is(err, kerr.UnknownMemberID) {
		return fmt.Errorf("leave group %s: %w", m.o.Group, err)
	}
	return nil
}

func (m *Member) memberID() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.id
}

func (m *Member) beating() *heart {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.heart
}

// become changes the standing and says so. It is called with mu held.
func (m *Member) become(s Standing) {
	m.standing = s
	if s == Expelled {
		m.counts.expel()
	}
	m.counts.begin()
	select {
	case m.rejoin <- struct{}{}:
	default:
	}
}

func millis(d time.Duration) int32 { return int32(min(d.Milliseconds(), 1<<31-1)) }

func protocolOf(name *string) (Protocol, error) {
	if name != nil {
		for i, n := range groupNames {
			if n == *name {
				return Protocol(i), nil
			}
		}
		return 0, fmt.Errorf("the group has the protocol %.100q, which this worker does not know", *name)
	}
	return 0, errors.New("the group has no protocol")
}
