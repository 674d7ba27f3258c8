package worker

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker/internal/lives"
	"github.com/suiro/suiro/connect/worker/internal/rebalances"
	"github.com/suiro/suiro/connect/worker/internal/sinktask"
	"github.com/suiro/suiro/connect/worker/internal/sourcetask"
)

// Connector is a connector that runs, with its tasks. Its methods may be called
// from any goroutine.
type Connector struct {
	// Plan is what the connector was started with.
	Plan *plan.Connector
	// Tasks run from StartConnector to Stop.
	Tasks []*Task

	worker *Worker
	impl   connect.Connector
	group  *rebalances.Log // of a sink
	// life returns a new life of a task.
	life func(t *Task, v config.Values) lives.Runner
}

// start starts the connector and its tasks, or nothing.
func (c *Connector) start(ctx context.Context) error {
	c.instantiate()
	if err := c.impl.Start(ctx, c.Plan.Values); err != nil {
		return fmt.Errorf("start connector %s: %w", c.Plan.Name, err)
	}
	values, err := c.planTasks()
	if err != nil {
		return fmt.Errorf("plan the tasks of connector %s: %w", c.Plan.Name, err)
	}
	for i, t := range c.Tasks {
		t.start(func() lives.Runner { return c.life(t, values[i]) })
	}
	return nil
}

// instantiate makes the connector and notes what makes lives of its tasks.
func (c *Connector) instantiate() {
	if c.Plan.Type == plan.Source {
		source := c.Plan.NewSource()
		c.impl = source
		c.life = func(t *Task, v config.Values) lives.Runner { return c.sourceLife(t, source.NewTask(), v) }
		return
	}
	sink := c.Plan.NewSink()
	c.impl = sink
	c.group = rebalances.New(c.Plan.Subscription.Group, c.worker.logger.With("connector", c.Plan.Name),
		c.worker.brokers)
	c.life = func(t *Task, v config.Values) lives.Runner { return c.sinkLife(t, sink.NewTask(), v) }
}

// planTasks asks the connector for its tasks and parses their configurations, so
// that one that can never work keeps the connector from starting.
func (c *Connector) planTasks() ([]config.Values, error) {
	changes, err := c.impl.TaskConfigs(c.Plan.MaxTasks)
	if err != nil {
		return nil, err
	}
	if len(changes) > c.Plan.MaxTasks {
		return nil, fmt.Errorf("class %s planned %d tasks, tasks.max is %d", c.Plan.Class, len(changes), c.Plan.MaxTasks)
	}
	var values []config.Values
	for id, own := range changes {
		v, err := c.Plan.Values.With(own)
		if err != nil {
			return nil, fmt.Errorf("task %d: %w", id, err)
		}
		props := maps.Clone(c.Plan.Props)
		maps.Copy(props, own)
		values = append(values, v)
		c.Tasks = append(c.Tasks, newTask(c.Plan, id, props, c.worker.logger))
	}
	return values, nil
}

// Stop stops the tasks, each of which finishes what it began within
// task.shutdown.graceful.timeout.ms, and then the connector. It returns early
// when ctx is done; then tasks may still be ending, and once the last one has
// ended, the connector is stopped and its plan closed. It is called once.
func (c *Connector) Stop(ctx context.Context) error {
	if c.group != nil {
		c.group.Close()
	}
	for _, t := range c.Tasks {
		t.stop()
	}
	for _, t := range c.Tasks {
		select {
		case <-t.done:
		case <-ctx.Done():
			go c.dropLate()
			return fmt.Errorf("stop task %s-%d: %w", c.Plan.Name, t.ID, ctx.Err())
		}
	}
	return c.drop()
}

// dropLate drops the connector once its tasks have ended, which nobody waits for
// any more.
func (c *Connector) dropLate() {
	for _, t := range c.Tasks {
		<-t.done
	}
	if err := c.drop(); err != nil {
		c.worker.logger.Error("stopped too late", "error", err)
	}
}

// drop stops the connector, whose tasks have ended, and closes its plan.
func (c *Connector) drop() error {
	stop := func() error { return nil } // of a plugin that could not make a connector
	if c.impl != nil {
		stop = c.impl.Stop
	}
	if err := errors.Join(lives.Protect(stop), lives.Protect(c.Plan.Close)); err != nil {
		return fmt.Errorf("stop connector %s: %w", c.Plan.Name, err)
	}
	return nil
}

// Counts adds up the counts of the tasks.
func (c *Connector) Counts() Counts {
	if len(c.Tasks) == 0 {
		return Counts{}
	}
	sum := c.Tasks[0].Counts()
	for _, t := range c.Tasks[1:] {
		sum = sum.Plus(t.Counts())
	}
	return sum
}

// Topics returns the topics that the tasks have written to or read from since
// they were started or [Connector.ResetTopics] was called, sorted.
func (c *Connector) Topics() []string {
	var names []string
	for _, t := range c.Tasks {
		names = append(names, t.counts.Topics.Names()...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// ResetTopics forgets which topics the tasks have used.
func (c *Connector) ResetTopics() {
	for _, t := range c.Tasks {
		t.counts.Topics.Reset()
	}
}

func (c *Connector) sourceLife(t *Task, impl connect.SourceTask, v config.Values) lives.Runner {
	w := c.worker
	return sourcetask.New(sourcetask.Options{
		Plan: c.Plan, ID: t.ID, Task: impl, Values: v, Offsets: w.offsets,
		FlushInterval: w.plan.FlushInterval, FlushTimeout: w.plan.FlushTimeout, GracefulTimeout: w.plan.GracefulTimeout,
		Counts: &t.counts, Metrics: t.begins(impl), Logger: t.logger, Brokers: w.brokers, Trouble: t.trouble,
	})
}

func (c *Connector) sinkLife(t *Task, impl connect.SinkTask, v config.Values) lives.Runner {
	w := c.worker
	return sinktask.New(sinktask.Options{
		Plan: c.Plan, ID: t.ID, Task: impl, Values: v,
		FlushInterval: w.plan.FlushInterval, FlushTimeout: w.plan.FlushTimeout, GracefulTimeout: w.plan.GracefulTimeout,
		Counts: &t.counts, Metrics: t.begins(impl), Logger: t.logger, Brokers: w.brokers, Group: c.group, Trouble: t.trouble,
	})
}
