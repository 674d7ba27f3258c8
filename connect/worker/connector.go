package worker

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/plan"
)

// Connector is a connector that runs, with its tasks.
type Connector struct {
	// Plan is what the connector was started with.
	Plan *plan.Connector
	// Tasks run from StartConnector to Stop.
	Tasks []*Task

	impl connect.Connector
}

// StartConnector starts a connector and its tasks. From then on the plan belongs
// to the connector, which closes it when it stops, and at once when it cannot be
// started. The error is a [config.Errors] when the connector plans a task whose
// configuration is wrong. ctx bounds the start only.
func (w *Worker) StartConnector(ctx context.Context, p *plan.Connector) (*Connector, error) {
	c := &Connector{Plan: p}
	newTask := c.instantiate()
	if err := c.impl.Start(ctx, p.Values); err != nil {
		return nil, errors.Join(fmt.Errorf("start connector %s: %w", p.Name, err), c.impl.Stop(), p.Close())
	}
	if err := w.startTasks(c, newTask); err != nil {
		return nil, errors.Join(fmt.Errorf("plan the tasks of connector %s: %w", p.Name, err), c.Stop(ctx))
	}
	return c, nil
}

// instantiate makes the connector and returns what makes a life of a task.
func (c *Connector) instantiate() func(*env) runner {
	if c.Plan.Type == plan.Source {
		source := c.Plan.NewSource()
		c.impl = source
		return func(e *env) runner { return newSourceRun(e, source.NewTask()) }
	}
	sink := c.Plan.NewSink()
	c.impl = sink
	return func(e *env) runner { return newSinkRun(e, sink.NewTask()) }
}

// startTasks asks the connector for its tasks and starts them.
func (w *Worker) startTasks(c *Connector, newTask func(*env) runner) error {
	configs, err := c.impl.TaskConfigs(c.Plan.MaxTasks)
	if err != nil {
		return err
	}
	if len(configs) > c.Plan.MaxTasks {
		return fmt.Errorf("class %s made %d tasks, tasks.max is %d", c.Plan.Class, len(configs), c.Plan.MaxTasks)
	}
	for id, changes := range configs {
		values, err := c.Plan.Values.With(changes)
		if err != nil {
			return err
		}
		props := maps.Clone(c.Plan.Props)
		maps.Copy(props, changes)
		t := newTaskOf(c.Plan, id, props, w.logger)
		e := w.newEnv(c.Plan, t, values)
		t.start(func() runner { return newTask(e) })
		c.Tasks = append(c.Tasks, t)
	}
	return nil
}

// Stop stops the tasks, each of which finishes what it began within
// task.shutdown.graceful.timeout.ms, and then the connector. It returns early
// when ctx is done, and then tasks may still be ending.
func (c *Connector) Stop(ctx context.Context) error {
	for _, t := range c.Tasks {
		t.cancel()
	}
	for _, t := range c.Tasks {
		select {
		case <-t.done:
		case <-ctx.Done():
			return fmt.Errorf("stop task %s-%d: %w", c.Plan.Name, t.ID, ctx.Err())
		}
	}
	if err := errors.Join(c.impl.Stop(), c.Plan.Close()); err != nil {
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
