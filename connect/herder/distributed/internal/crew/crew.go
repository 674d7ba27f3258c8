package crew

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/suiro/suiro/connect/backing/configs"
	"github.com/suiro/suiro/connect/group"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker"
)

// wanted is what this worker should run.
type wanted struct {
	connectors map[string]wantedConnector
	tasks      map[api.TaskID]wantedTask
}

// wantedConnector is a connector as it should run. Its target may be stopped: then
// there is nothing to run.
type wantedConnector struct {
	config map[string]string
	target configs.TargetState
}

// wantedTask is a task as it should run.
type wantedTask struct {
	props  map[string]string // its own configuration
	config map[string]string // the connector's that it was planned for
	paused bool
	fenced bool // it is one of an exactly-once source
	// Of such a task: how often its connector has been given tasks, all of which start
	// again then, and whether those before are still to be fenced.
	generation int
	pending    bool
}

// want returns what of a worker's work is to run as the configurations say. fences says
// which connectors are exactly-once sources.
func want(owned group.Work, s *configs.State, fences func(config map[string]string) bool) wanted {
	w := wanted{map[string]wantedConnector{}, map[api.TaskID]wantedTask{}}
	for _, name := range owned.Connectors {
		if s.Has(name) {
			w.connectors[name] = wantedConnector{s.Connectors[name], s.Targets[name]}
		}
	}
	for _, id := range owned.Tasks {
		name := id.Connector
		props, ok := s.Tasks[id]
		if !ok || id.Task >= len(s.TaskIDs(name)) || s.Targets[name] == configs.Stopped {
			continue
		}
		config := s.Applied[name]
		if config == nil {
			config = s.Connectors[name]
		}
		t := wantedTask{props: props, config: config, paused: s.Targets[name] == configs.Paused}
		if t.fenced = fences(config); t.fenced {
			t.generation, t.pending = s.Generations[name], s.PendingFencing[name]
		}
		w.tasks[id] = t
	}
	return w
}

// same reports whether a task that runs is as it should run, but for being paused.
func (t wantedTask) same(runs wantedTask) bool {
	return maps.Equal(t.props, runs.props) && maps.Equal(t.config, runs.config) && t.fenced == runs.fenced &&
		t.generation == runs.generation
}

// Crew runs what this worker was given. Apply, Drop, Restart and StopAll are called from
// one goroutine; the other methods from any.
type Crew struct {
	machine Machine
	reports *Reports
	o       Options
	fencers *fencers
	log     *slog.Logger

	renewals *renewals

	mu         sync.Mutex // guards the maps; the goroutine of apply alone changes them
	connectors map[string]*connectorJob
	stopped    map[string]bool // connectors whose target is that they are stopped
	tasks      map[api.TaskID]*taskJob
}

// Publish makes tasks those of a connector, which has the configuration. It does nothing
// when they are already, or when the connector has another configuration by now. It is
// called from a goroutine of the connector, and ctx ends with the connector.
type Publish func(ctx context.Context, name string, config map[string]string, tasks []map[string]string) error

// Options are what a crew needs. All are required.
type Options struct {
	// Publish is described at its type.
	Publish Publish
	// Fences says whether the tasks of a connector with that configuration shut those
	// before them out: whether it is an exactly-once source.
	Fences func(config map[string]string) bool
	// Fence has the leader shut out the tasks that such a connector had before. It is
	// called from a goroutine of its own, again and again until the configurations say
	// that it was done.
	Fence func(ctx context.Context, connector string) error
	// Verify says why a task of such a connector is not this worker's to run, or not with
	// the tasks that its connector had been given so often. It is called from a goroutine
	// of the task.
	Verify func(ctx context.Context, id api.TaskID, generation int) error
	// Again asks for another Apply, from any goroutine, and does not wait for it.
	Again func()
	// Patience is how long the crew waits for connectors and tasks that are stopped.
	Patience time.Duration
}

// New returns a crew that runs nothing.
func New(m Machine, r *Reports, o Options, log *slog.Logger) *Crew {
	c := &Crew{machine: m, reports: r, o: o, log: log,
		connectors: map[string]*connectorJob{}, stopped: map[string]bool{}, tasks: map[api.TaskID]*taskJob{}}
	c.fencers = newFencers(c)
	c.renewals = newRenewals(o.Again)
	return c
}

// Apply makes the crew run what of the work the configurations say: it stops what is not
// wanted or not wanted so, waits for it, and starts what is missing. What refers to
// values that have changed starts again.
func (c *Crew) Apply(owned group.Work, s *configs.State) {
	c.dropRenewed()
	c.apply(want(owned, s, c.o.Fences))
}

func (c *Crew) apply(w wanted) {
	var ending []*connectorJob
	for name, j := range c.connectors {
		if now, ok := w.connectors[name]; !ok || now.target == configs.Stopped || !maps.Equal(now.config, j.config) {
			ending = append(ending, j)
		}
	}
	var halting []*taskJob
	for id, j := range c.tasks {
		now, ok := w.tasks[id]
		if !ok || !now.same(j.wanted) {
			halting = append(halting, j)
		}
	}
	c.end(ending, halting)
	c.startConnectors(w)
	c.startTasks(w)
}

func (c *Crew) startConnectors(w wanted) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name := range c.stopped {
		if now, ok := w.connectors[name]; !ok || now.target != configs.Stopped {
			delete(c.stopped, name)
		}
	}
	for name, now := range w.connectors {
		j := c.connectors[name]
		switch {
		case now.target == configs.Stopped && !c.stopped[name]:
			c.stopped[name] = true
			c.reports.connector(name, "", worker.Status{State: worker.Stopped})
		case now.target == configs.Stopped:
		case j == nil:
			c.connectors[name] = newConnectorJob(c, name, now)
		default:
			j.setTarget(now.target)
		}
	}
}

func (c *Crew) startTasks(w wanted) {
	plans := plans{machine: c.machine}
	defer plans.close()
	c.mu.Lock()
	defer c.mu.Unlock()
	ids := slices.SortedFunc(maps.Keys(w.tasks), compareTasks)
	waiting := map[string][]api.TaskID{}
	for _, id := range ids {
		now := w.tasks[id]
		if j := c.tasks[id]; j != nil {
			j.setPaused(now.paused)
			continue
		}
		if now.pending {
			waiting[id.Connector] = append(waiting[id.Connector], id)
			continue
		}
		p, err := plans.of(id.Connector, now.config)
		c.tasks[id] = newTaskJob(c, p, err, id, now)
	}
	c.fencers.want(waiting)
}

// Drop stops connectors and tasks, so that the next Apply starts them again.
func (c *Crew) Drop(connectors []string, tasks []api.TaskID) {
	var ending []*connectorJob
	for _, name := range connectors {
		delete(c.stopped, name)
		if j := c.connectors[name]; j != nil {
			ending = append(ending, j)
		}
	}
	var halting []*taskJob
	for _, id := range tasks {
		if j := c.tasks[id]; j != nil {
			halting = append(halting, j)
		}
	}
	c.end(ending, halting)
}

// StopAll stops everything.
func (c *Crew) StopAll() {
	c.apply(wanted{})
	c.fencers.running.Wait()
}

// end stops jobs, all at the same time, waits for them for a limited time, and forgets
// them.
func (c *Crew) end(connectors []*connectorJob, tasks []*taskJob) {
	if len(connectors)+len(tasks) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), c.o.Patience)
	defer cancel()
	for _, j := range connectors {
		j.end()
	}
	var list []Task
	for _, j := range tasks {
		if j.task != nil {
			list = append(list, j.task)
		}
	}
	if err := c.machine.StopTasks(ctx, list); err != nil {
		c.log.Error("tasks are left that did not stop in time", "error", err)
	}
	for _, j := range connectors {
		select {
		case <-j.done:
		case <-ctx.Done():
			c.log.Error("a connector is left that did not stop in time", "connector", j.name)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, j := range connectors {
		delete(c.connectors, j.name)
		c.renewals.Forget(api.TaskID{Connector: j.name, Task: oneConnector})
	}
	for _, j := range tasks {
		delete(c.tasks, j.id)
		c.renewals.Forget(j.id)
	}
}

// Names returns the connectors and tasks that are here, sorted.
func (c *Crew) Names() (connectors []string, tasks []api.TaskID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	connectors = slices.AppendSeq(connectors, maps.Keys(c.connectors))
	connectors = slices.AppendSeq(connectors, maps.Keys(c.stopped))
	slices.Sort(connectors)
	return connectors, slices.SortedFunc(maps.Keys(c.tasks), compareTasks)
}

// HasConnector reports whether a connector is here.
func (c *Crew) HasConnector(name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.connectors[name] != nil || c.stopped[name]
}

// HasTask reports whether a task is here.
func (c *Crew) HasTask(id api.TaskID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tasks[id] != nil
}

// Running returns the tasks that could be started, by id.
func (c *Crew) Running() map[api.TaskID]Task {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[api.TaskID]Task{}
	for id, j := range c.tasks {
		if j.task != nil {
			out[id] = j.task
		}
	}
	return out
}

// plans are the plans of connectors while their tasks are started, one for each.
type plans struct {
	machine Machine
	made    map[string]*plan.Connector
	errs    map[string]error
}

func (p *plans) of(name string, config map[string]string) (*plan.Connector, error) {
	if p.made == nil {
		p.made, p.errs = map[string]*plan.Connector{}, map[string]error{}
	}
	if p.made[name] == nil && p.errs[name] == nil {
		p.made[name], p.errs[name] = p.machine.Compile(config)
	}
	return p.made[name], p.errs[name]
}

// close gives up the plans; tasks that were started keep theirs.
func (p *plans) close() {
	for _, each := range p.made {
		if each != nil {
			_ = each.Close() // its tasks use it, or nobody does
		}
	}
}

// TasksOf returns the tasks of a connector that are here, by number.
func (c *Crew) TasksOf(connector string) []api.TaskID {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []api.TaskID
	for id := range c.tasks {
		if id.Connector == connector {
			out = append(out, id)
		}
	}
	slices.SortFunc(out, compareTasks)
	return out
}

// compareTasks orders tasks by connector and number.
func compareTasks(a, b api.TaskID) int {
	return cmp.Or(cmp.Compare(a.Connector, b.Connector), cmp.Compare(a.Task, b.Task))
}
