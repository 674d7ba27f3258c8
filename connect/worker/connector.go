package worker

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
)

// Connector is a connector that runs, with its tasks.
type Connector struct {
	// Name is the connector's, unique in the worker.
	Name string
	// Type is source or sink.
	Type ConnectorType
	// Version is the plugin's.
	Version string
	// Tasks run from StartConnector to Stop.
	Tasks []*Task

	impl connect.Connector
}

// StartConnector plans the connector's tasks and starts them. The error is a
// [config.Errors] when the configuration is wrong. ctx bounds the start only.
func (w *Worker) StartConnector(ctx context.Context, props map[string]string) (*Connector, error) {
	conf, errs, err := w.parseConnector(props)
	if err != nil {
		return nil, err
	}
	if err := errs.OrNil(); err != nil {
		return nil, err
	}
	c := &Connector{Name: conf.name(), Type: conf.kind, Version: conf.info.Version}
	newTask := c.instantiate(conf)
	if err := c.impl.Start(ctx, conf.own); err != nil {
		return nil, fmt.Errorf("start connector %s: %w", c.Name, err)
	}
	most := conf.values.Int("tasks.max")
	configs, err := c.impl.TaskConfigs(most)
	if err == nil && len(configs) > most {
		err = fmt.Errorf("it made %d tasks, tasks.max is %d", len(configs), most)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("plan the tasks of connector %s: %w", c.Name, err), c.impl.Stop())
	}
	for i, changes := range configs {
		own, err := conf.own.With(changes)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("plan the tasks of connector %s: %w", c.Name, err), c.Stop(ctx))
		}
		whole := maps.Clone(props)
		maps.Copy(whole, changes)
		t, err := w.startTask(conf, i, whole, own, newTask)
		if err != nil {
			return nil, errors.Join(err, c.Stop(ctx))
		}
		c.Tasks = append(c.Tasks, t)
	}
	return c, nil
}

// instantiate makes the connector and returns what makes a life of a task.
func (c *Connector) instantiate(conf *connectorConfig) func(*env) runner {
	if conf.kind == SourceType {
		source := conf.source.New()
		c.impl = source
		return func(e *env) runner { return newSourceRun(e, source.NewTask()) }
	}
	sink := conf.sink.New()
	c.impl = sink
	return func(e *env) runner { return newSinkRun(e, sink.NewTask()) }
}

func (w *Worker) startTask(conf *connectorConfig, id int, props map[string]string, own config.Values,
	newTask func(*env) runner) (*Task, error) {
	t := &Task{
		Connector: conf.name(), ID: id, Config: props, restarts: restartsOf(conf.values),
		logger: w.logger.With("connector", conf.name(), "task", id), done: make(chan struct{}),
	}
	e, err := w.newEnv(conf, t, own)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.cancel = cancel
	go t.supervise(ctx, func() runner { return newTask(e) })
	return t, nil
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
			return fmt.Errorf("stop task %s-%d: %w", c.Name, t.ID, ctx.Err())
		}
	}
	if err := c.impl.Stop(); err != nil {
		return fmt.Errorf("stop connector %s: %w", c.Name, err)
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
