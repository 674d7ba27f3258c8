package distributed

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect/backing/configs"
	"github.com/suiro/suiro/connect/backing/statuses"
	"github.com/suiro/suiro/connect/group"
	"github.com/suiro/suiro/connect/group/signing"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/herder/distributed/internal/crew"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker"
)

// drill is a decider whose group, config topic and worker are the test's. It runs in a
// bubble of synctest.
type drill struct {
	t *testing.T
	*decider
	group   *fakeGroup
	store   *fakeStore
	machine *fakeMachine
	stop    func()
}

// newDrill starts a decider that knows the connectors of the names, each of which plans
// one task.
func newDrill(t *testing.T, names ...string) *drill {
	t.Helper()
	signer, err := signing.New(signing.Options{TTL: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	d := newDecider(signer, patient{sync: 3 * time.Second, unsync: 5 * time.Minute, leaving: time.Second}, log)
	x := &drill{t: t, decider: d, machine: &fakeMachine{}, group: &fakeGroup{rejoin: make(chan struct{}, 1),
		joins: make(chan *joining)}, store: &fakeStore{Store: configs.Memory(&configs.Options{Listener: d.changed})}}
	d.member, d.store, d.board = x.group, x.store, statuses.Memory()
	d.reports = crew.NewReports(d.board, "me:1", func(name string) bool { return x.store.Snapshot().Has(name) })
	d.crew = crew.New(x.machine, d.reports, crew.Options{Publish: (&publisher{d, nil}).publish,
		Fences: func(map[string]string) bool { return false }, Again: d.lookAgain, Patience: time.Second}, log)
	for _, name := range names {
		x.put(name)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go d.run(ctx)
	x.stop = func() {
		cancel()
		<-d.ended
	}
	return x
}

// put writes a connector and its task to the config topic.
func (x *drill) put(name string) {
	x.t.Helper()
	config := map[string]string{"name": name}
	if err := x.store.PutConnector(x.t.Context(), name, config, configs.Started); err != nil {
		x.t.Fatal(err)
	}
	if err := x.store.PutTasks(x.t.Context(), name, []map[string]string{{}}); err != nil {
		x.t.Fatal(err)
	}
}

// joined is the Join that the decider waits in, once it does.
func (x *drill) joined() *joining {
	x.t.Helper()
	select {
	case j := <-x.group.joins:
		return j
	case <-time.After(time.Hour):
		x.t.Fatal("the decider does not join")
		return nil
	}
}

// stays checks that the decider does not join for some time.
func (x *drill) stays(d time.Duration) {
	x.t.Helper()
	select {
	case <-x.group.joins:
		x.t.Errorf("the decider joins again within %v, want it to stay", d)
	case <-time.After(d):
	}
}

// runs checks what runs, such as "a a-0 b", when nothing more happens.
func (x *drill) runs(want string) {
	x.t.Helper()
	synctest.Wait()
	connectors, tasks := x.crew.Names()
	got := slices.Clone(connectors)
	for _, id := range tasks {
		got = append(got, id.String())
	}
	slices.Sort(got)
	if text := strings.Join(got, " "); text != want {
		x.t.Errorf("runs %q, want %q", text, want)
	}
}

// request asks for something that only the leader may do, in the background.
func (x *drill) request(ctx context.Context) (answer chan error) {
	answer = make(chan error, 1)
	go func() {
		answer <- x.lead(ctx, func(context.Context, *configs.State) error { return nil })
	}()
	return answer
}

// requests are those of the decider's worker.
func (x *drill) requests() *requests {
	v := &views{}
	var s store = x.store
	v.store.Store(&s)
	return &requests{views: v, decider: x.decider, plans: x.machine, turns: newTurns(),
		fencer: &fencer{fences: func(map[string]string) bool { return false }}}
}

// work is connectors and tasks by their names: "a" and "a-0".
func work(names ...string) (w group.Work) {
	for _, name := range names {
		if connector, number, ok := strings.Cut(name, "-"); ok {
			n, _ := strconv.Atoi(number)
			w.Tasks = append(w.Tasks, api.TaskID{Connector: connector, Task: n})
		} else {
			w.Connectors = append(w.Connectors, name)
		}
	}
	return w
}

// leads is an assignment to a worker that leads, and follows one to a worker that does not.
func leads(names ...string) group.Assignment {
	a := follows(names...)
	a.Leader, a.LeaderURL = "me", "http://me:1/"
	return a
}

func follows(names ...string) group.Assignment {
	return group.Assignment{Protocol: group.Compatible, MemberID: "me", Leader: "other", LeaderURL: "http://other:1/", ConfigOffset: -1,
		Owned: work(names...)}
}

// fakeGroup is a membership whose assignments come from the test.
type fakeGroup struct {
	rejoin chan struct{}
	joins  chan *joining

	mu       sync.Mutex // guards the rest
	standing group.Standing
	rounds   int32
	left     int
}

// joining is a Join that waits for the test.
type joining struct {
	group  *fakeGroup
	offset int64
	holds  group.Work
	answer chan any // an assignment or an error
}

// give ends the Join, and waits until the decider has done what that means.
func (j *joining) give(answer any) {
	j.answer <- answer
	synctest.Wait()
}

func (g *fakeGroup) Join(ctx context.Context, offset int64, holds group.Work) (group.Assignment, error) {
	j := &joining{g, offset, holds, make(chan any)}
	select {
	case g.joins <- j:
	case <-ctx.Done():
		return group.Assignment{}, ctx.Err()
	}
	select {
	case answer := <-j.answer:
		if err, ok := answer.(error); ok {
			return group.Assignment{}, err
		}
		g.become(group.Stable, false)
		a := answer.(group.Assignment)
		g.rounds++
		a.Generation = g.rounds
		return a, nil
	case <-ctx.Done():
		return group.Assignment{}, ctx.Err()
	}
}

// become changes the standing; tell says so as heartbeats do.
func (g *fakeGroup) become(s group.Standing, tell bool) {
	g.mu.Lock()
	g.standing = s
	g.mu.Unlock()
	if tell {
		g.rejoin <- struct{}{}
	}
}

func (g *fakeGroup) Rejoin() <-chan struct{} { return g.rejoin }

func (g *fakeGroup) Standing() group.Standing {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.standing
}

func (g *fakeGroup) Leave(context.Context) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.standing = group.Out
	g.left++
	return nil
}

func (g *fakeGroup) Collector() prometheus.Collector { return nil }

// fakeStore is a store in memory that may be slow to read.
type fakeStore struct {
	*configs.Store
	refresh  func(ctx context.Context) error // nil is up to date
	released int                             // used by the decider
}

func (s *fakeStore) Refresh(ctx context.Context) error {
	if s.refresh == nil {
		return nil
	}
	return s.refresh(ctx)
}

func (s *fakeStore) Release() { s.released++ }

// fakeMachine runs connectors and tasks that do nothing.
type fakeMachine struct {
	trouble atomic.Value // the text of what keeps tasks from working
	refuse  error        // why connectors do not start; set before the decider joins
	starts  atomic.Int32 // of connectors
}

func (*fakeMachine) Compile(config map[string]string) (*plan.Connector, error) {
	return &plan.Connector{Name: config["name"], Props: config,
		Restarts: plan.Restarts{Delay: time.Second, DelayMax: time.Minute, Max: -1}}, nil
}

func (m *fakeMachine) StartConnector(_ context.Context, _ *plan.Connector, o *worker.ConnectorOptions) (
	crew.Connector, error) {
	m.starts.Add(1)
	if m.refuse != nil {
		return nil, m.refuse
	}
	o.Changed(worker.Status{State: worker.Running})
	return fakeConnector{}, nil
}

func (m *fakeMachine) StartTask(_ *plan.Connector, _ int, _ map[string]string, o *worker.TaskOptions) (crew.Task, error) {
	o.Changed(worker.Status{State: worker.Running})
	return &fakeTask{m, o, time.Now()}, nil
}

func (*fakeMachine) StopTasks(_ context.Context, tasks []crew.Task) error {
	for _, t := range tasks {
		t.(*fakeTask).o.Changed(worker.Status{State: worker.Unassigned})
	}
	return nil
}

type fakeConnector struct{}

func (fakeConnector) TaskConfigs() ([]map[string]string, error) { return []map[string]string{{}}, nil }
func (fakeConnector) Pause()                                    {}
func (fakeConnector) Resume()                                   {}
func (fakeConnector) Stop(context.Context) error                { return nil }

type fakeTask struct {
	machine *fakeMachine
	o       *worker.TaskOptions
	began   time.Time
}

// Counts is that of a task that reads 100 records a second.
func (t *fakeTask) Counts() (c worker.Counts) {
	c.Read = int64(100 * time.Since(t.began).Seconds())
	return c
}

func (t *fakeTask) Status() worker.Status {
	trace, _ := t.machine.trouble.Load().(string)
	return worker.Status{State: worker.Running, Trace: trace}
}

func (*fakeTask) Pause()                           {}
func (*fakeTask) Resume()                          {}
func (*fakeTask) Topics() []string                 { return nil }
func (*fakeTask) ResetTopics()                     {}
func (*fakeTask) Describe(chan<- *prometheus.Desc) {}
func (*fakeTask) Collect(chan<- prometheus.Metric) {}
