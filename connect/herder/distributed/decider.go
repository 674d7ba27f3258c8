package distributed

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect/backing/configs"
	"github.com/suiro/suiro/connect/backing/statuses"
	"github.com/suiro/suiro/connect/group"
	"github.com/suiro/suiro/connect/group/signing"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/distributed/internal/crew"
	"github.com/suiro/suiro/internal/backoff"
)

// membership is a [group.Member].
type membership interface {
	Join(ctx context.Context, configOffset int64, holds group.Work) (group.Assignment, error)
	Rejoin() <-chan struct{}
	Standing() group.Standing
	Leave(ctx context.Context) error
	Collector() prometheus.Collector
}

// store is a [configs.Store].
type store interface {
	Snapshot() *configs.State
	Refresh(ctx context.Context) error
	Claim(ctx context.Context) error
	Release()
	PutConnector(ctx context.Context, name string, config map[string]string, t configs.TargetState) error
	RemoveConnector(ctx context.Context, name string) error
	PutTasks(ctx context.Context, name string, tasks []map[string]string) error
	PutFencedTasks(ctx context.Context, name string, tasks int) error
	PutTarget(ctx context.Context, name string, t configs.TargetState) error
	PutRestart(ctx context.Context, r configs.RestartRequest) error
	PutSessionKey(ctx context.Context, k configs.SessionKey) error
	PutLogger(ctx context.Context, name, level string) error
}

// decider is the one goroutine that decides what this worker runs. It joins the group,
// gives what it is assigned to the crew, and carries out in order what clients, other
// workers and the config topic ask for:
//
//	     ┌──────────────────────────────────────────────────────────────┐
//	     ▼                                                              │
//	rebalance: join ─▶ stop what is revoked ─▶ catch up ─▶ follow ─▶ wait
//	     ▲                                                      ▲        │
//	     │   it is expelled, or asked to join again             └────────┤ a change, a call
//	     └───────────────────────────────────────────────────────────────┘
//
// Calls wait while it joins. What runs goes on meanwhile, unless the worker was expelled
// or the group stops everything at each rebalance.
type decider struct {
	member  membership
	store   store
	crew    *crew.Crew
	board   *statuses.Store
	reports *crew.Reports
	keys    *keys
	patient patient
	log     *slog.Logger

	calls chan *call
	wake  chan struct{} // a change was read
	ended chan struct{}

	assigned atomic.Pointer[group.Assignment] // the last one; without a leader while there is none
	stage    atomic.Pointer[stage]

	mu      sync.Mutex // guards changes
	changes []configs.Update

	// The rest is used by run alone.
	held    group.Work     // what the group takes this worker to run
	divided map[string]int // the tasks that this worker as the leader divided last
	again   bool           // whether to join again
	againAt time.Time      // when to join again; zero for never
	apart   time.Time      // until when the worker stays out of the group
	leadAt  time.Time      // when to try again what the leader does; zero for never
	pause   backoff.Backoff
	doubt   backoff.Backoff // between rounds that fail for what a member says
}

// patient is how long a decider waits.
type patient struct {
	sync    time.Duration // to catch up with the configurations
	unsync  time.Duration // outside the group, when that was in vain
	leaving time.Duration // for the group to hear that the worker leaves
}

// stage is what the decider does.
type stage struct {
	what  string
	began time.Time
}

// call is something to be done by the decider's goroutine.
type call struct {
	ctx  context.Context
	do   func(ctx context.Context) error
	done chan error
}

// newDecider returns a decider that needs a store, a board, a crew and a member to run.
func newDecider(s *signing.Signer, p patient, log *slog.Logger) *decider {
	d := &decider{keys: &keys{signer: s}, patient: p, log: log, calls: make(chan *call),
		wake: make(chan struct{}, 1), ended: make(chan struct{}),
		pause: backoff.Backoff{First: time.Second, Max: 30 * time.Second},
		doubt: backoff.Backoff{First: time.Second, Max: 30 * time.Second}}
	d.assigned.Store(&group.Assignment{})
	d.does("starting")
	return d
}

// does notes what the decider does, for requests that it keeps waiting.
func (d *decider) does(what string) { d.stage.Store(&stage{what, time.Now()}) }

// assignment is what the worker was last assigned.
func (d *decider) assignment() group.Assignment { return *d.assigned.Load() }

// changed takes note of a change in the config topic. It is called by the store.
func (d *decider) changed(u configs.Update) {
	if u.Kind == configs.SessionKeyChanged {
		d.keys.learn(d.store.Snapshot())
	}
	d.mu.Lock()
	d.changes = append(d.changes, u)
	d.mu.Unlock()
	d.lookAgain()
}

// lookAgain makes the decider compare what runs with what should.
func (d *decider) lookAgain() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// do lets the decider do something between two other things, and returns its error. It
// does nothing once ctx is done before its turn.
func (d *decider) do(ctx context.Context, f func(ctx context.Context) error) error {
	c := &call{ctx, f, make(chan error, 1)}
	select {
	case d.calls <- c:
	case <-ctx.Done():
		return ctx.Err()
	case <-d.ended:
		return herder.Errorf(herder.ErrStarting, "Worker is shutting down.")
	}
	select {
	case err := <-c.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// lead lets the decider do something that only the leader may, see do. On another worker
// the error says who leads.
func (d *decider) lead(ctx context.Context, f func(ctx context.Context, s *configs.State) error) error {
	return d.do(ctx, func(ctx context.Context) error {
		if a := d.assignment(); !a.IsLeader() {
			return &herder.NotLeaderError{URL: a.LeaderURL}
		}
		return f(ctx, d.store.Snapshot())
	})
}

// run decides until ctx is done. Then it stops everything and leaves the group.
func (d *decider) run(ctx context.Context) {
	defer close(d.ended)
	for ctx.Err() == nil {
		switch {
		case time.Now().Before(d.apart):
			d.wait(ctx, d.apart)
		case d.mustJoin():
			d.rebalance(ctx)
		default:
			d.wait(ctx, d.againAt)
		}
	}
	d.does("stopping its connectors and tasks")
	d.crew.StopAll()
	d.leave()
}

func (d *decider) mustJoin() bool {
	due := !d.againAt.IsZero() && !time.Now().Before(d.againAt)
	return d.again || due || d.member.Standing() != group.Stable
}

// wait waits until there is something to do, and does it; until may be zero.
func (d *decider) wait(ctx context.Context, until time.Time) {
	d.does("waiting for changes and requests")
	until = earlier(earlier(until, d.leadAt), d.keys.due(d.assignment()))
	var alarm <-chan time.Time
	if !until.IsZero() {
		t := time.NewTimer(time.Until(until))
		defer t.Stop()
		alarm = t.C
	}
	select {
	case <-ctx.Done():
	case <-d.member.Rejoin():
	case <-d.wake:
		d.follow(ctx)
	case c := <-d.calls:
		d.carryOut(c)
	case <-alarm:
		d.manage(ctx, d.store.Snapshot())
	}
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func (d *decider) carryOut(c *call) {
	d.does("carrying out a request")
	if c.ctx.Err() != nil {
		c.done <- c.ctx.Err()
		return
	}
	err := c.do(c.ctx)
	if errors.Is(err, configs.ErrFenced) || errors.Is(err, configs.ErrUnclaimed) {
		d.log.Warn("another worker leads the group: this one joins again", "cause", err)
		d.again, err = true, &herder.NotLeaderError{}
	}
	c.done <- err
}

// rebalance joins the group and does what it says.
func (d *decider) rebalance(ctx context.Context) {
	d.does("ensuring membership in the cluster")
	d.again, d.againAt = false, time.Time{}
	holds := d.held
	protocol := d.assignment().Protocol
	if d.member.Standing() == group.Expelled || protocol == group.Eager {
		d.crew.StopAll()
	}
	if protocol == group.Eager {
		holds = group.Work{}
	}
	a, err := d.member.Join(ctx, d.store.Snapshot().Offset, holds)
	switch {
	case ctx.Err() != nil:
	case errors.Is(err, group.ErrExpelled):
		d.leaderless()
		d.crew.StopAll()
	case err != nil:
		d.log.Error("the worker is in no group, and tries again", "error", err)
		d.leaderless()
		d.apart = time.Now().Add(d.pause.Next())
	default:
		d.pause.Reset()
		d.settle(ctx, a)
	}
}

// leaderless notes that no leader is known.
func (d *decider) leaderless() {
	a := d.assignment()
	a.Leader, a.LeaderURL, a.Peers = "", "", nil
	d.assigned.Store(&a)
	d.store.Release()
}

// settle does what an assignment says.
func (d *decider) settle(ctx context.Context, a group.Assignment) {
	d.held = a.Owned
	d.assigned.Store(&a)
	d.reports.SetGeneration(a.Generation)
	d.log.Info("assigned", "generation", a.Generation, "leader", a.LeaderURL, "protocol", a.Protocol.String(),
		"connectors", len(a.Owned.Connectors), "tasks", len(a.Owned.Tasks),
		"revoked_connectors", len(a.Revoked.Connectors), "revoked_tasks", len(a.Revoked.Tasks), "delay", a.Delay)
	if !a.IsLeader() {
		d.store.Release()
	}
	if a.Delay > 0 {
		d.againAt = time.Now().Add(a.Delay)
	}
	d.does("stopping what others shall run")
	d.release(ctx, a.Revoked)
	d.again = a.Again
	if !d.catchUp(ctx, a) || a.Failed {
		return
	}
	d.follow(ctx)
	if a.IsLeader() {
		d.sweep(d.store.Snapshot())
	}
}

// release stops what others shall run, and waits until its last statuses are written:
// those of who runs it next must come behind them.
func (d *decider) release(ctx context.Context, revoked group.Work) {
	if revoked.Empty() {
		return
	}
	d.crew.Drop(revoked.Connectors, revoked.Tasks)
	limited, cancel := context.WithTimeout(ctx, d.patient.leaving)
	defer cancel()
	if err := d.board.Flush(limited); err != nil && ctx.Err() == nil {
		d.log.Warn("the last statuses of what others shall run were not written in time", "cause", err)
	}
}

// catchUp reads the configurations up to where the group is. A worker that cannot
// leaves the group for a while, so that others run what it should; unless the leader
// cannot, either: then a member claims what there is not, and must not stop the others.
func (d *decider) catchUp(ctx context.Context, a group.Assignment) bool {
	if !a.Failed && d.store.Snapshot().Offset >= a.ConfigOffset {
		d.doubt.Reset()
		return true
	}
	d.does("reading the config topic to its end")
	reading, cancel := context.WithTimeout(ctx, d.patient.sync)
	defer cancel()
	err := d.store.Refresh(reading)
	if err == nil && d.store.Snapshot().Offset >= a.ConfigOffset {
		return true
	}
	if ctx.Err() != nil {
		return false
	}
	if err == nil && a.Failed {
		d.again, d.againAt = false, time.Now().Add(d.doubt.Next())
		d.log.Warn("nothing is divided: a member of the group says that it has read more of the config topic than this "+
			"worker and the leader find there; what runs goes on. Its config.storage.topic may be another",
			"said", a.ConfigOffset, "found", d.store.Snapshot().Offset)
		return false
	}
	if err == nil {
		err = errors.New("the group knows more of the config topic than there is")
	}
	d.log.Error("the config topic could not be read in time (worker.sync.timeout.ms): the worker stops its connectors "+
		"and tasks, and stays out of the group for worker.unsync.backoff.ms", "error", err, "backoff", d.patient.unsync)
	d.crew.StopAll()
	d.leave()
	d.apart = time.Now().Add(d.patient.unsync)
	return false
}

// leave leaves the group.
func (d *decider) leave() {
	d.leaderless()
	d.held = group.Work{}
	ctx, cancel := context.WithTimeout(context.Background(), d.patient.leaving)
	defer cancel()
	if err := d.member.Leave(ctx); err != nil {
		d.log.Warn("the group was not told that the worker leaves, and waits for session.timeout.ms", "cause", err)
	}
}

// follow makes this worker run what it was assigned, as the configurations say now, and
// does what only the leader does.
func (d *decider) follow(ctx context.Context) {
	d.does("starting and stopping connectors and tasks")
	d.mu.Lock()
	changes := d.changes
	d.changes = nil
	d.mu.Unlock()
	s := d.store.Snapshot()
	for _, u := range changes {
		switch u.Kind {
		case configs.ConnectorRemoved: // one of its name may have been made since
			d.crew.Drop([]string{u.Connector}, d.crew.TasksOf(u.Connector))
		case configs.RestartRequested:
			d.crew.Restart(s, u.Restart)
		}
	}
	d.crew.Apply(d.held, s)
	d.manage(ctx, s)
}
