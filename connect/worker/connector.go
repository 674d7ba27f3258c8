package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker/internal/lives"
	"github.com/suiro/suiro/internal/logs"
)

// ConnectorOptions are what a herder passes with a connector; nil is fine.
type ConnectorOptions struct {
	// Changed is called with each new status of the connector, in order and from one
	// goroutine at a time. It holds the connector up and must not wait for it. Default:
	// nobody is told.
	Changed func(Status)
	// Replan is called when the connector asks for new configurations of its tasks,
	// from any goroutine of the connector; it does not block. While the connector is
	// paused it waits for the resume. Default: nobody is told.
	Replan func()
}

// Connector is a connector that runs, without its tasks. Its methods may be called
// from any goroutine.
//
//	StartConnector ─▶ RUNNING ─▶ Pause: PAUSED ─▶ Resume: RUNNING
//	                     ├─▶ the connector raises an error: FAILED
//	                     └─▶ Stop: UNASSIGNED
type Connector struct {
	// Plan is what the connector was started with.
	Plan *plan.Connector

	worker   *Worker
	source   connect.SourceConnector // or sink
	sink     connect.SinkConnector
	reporter reporter
	logger   *slog.Logger
	replan   func()

	calls   sync.Mutex // held during each call of the plugin's methods; guards stopped
	stopped bool

	mu     sync.Mutex // guards the rest
	paused bool
	asked  bool // for new configurations, while it was paused
}

// start starts the connector, or nothing.
func (c *Connector) start(ctx context.Context) error {
	c.calls.Lock()
	defer c.calls.Unlock()
	if c.Plan.Type == plan.Source {
		c.source = c.Plan.NewSource()
	} else {
		c.sink = c.Plan.NewSink()
	}
	if i, ok := c.plugin().(connect.Initializer); ok {
		i.Initialize(connectorContext{c})
	}
	if err := c.plugin().Start(ctx, c.Plan.Values); err != nil {
		return fmt.Errorf("start connector %s: %w", c.Plan.Name, err)
	}
	return nil
}

// plugin is the plugin's object, nil when it could not be made.
func (c *Connector) plugin() connect.Connector {
	switch {
	case c.source != nil:
		return c.source
	case c.sink != nil:
		return c.sink
	}
	return nil
}

// Status returns what the connector itself does.
func (c *Connector) Status() Status { return c.reporter.get() }

// TaskConfigs asks the connector for its tasks. Each configuration is whole: the
// connector's properties, as the operator wrote them, with what the task has of its own
// and the key "task.class"; so Kafka Connect keeps it. One that can never work is an
// error, which is a [config.Errors].
func (c *Connector) TaskConfigs() (configs []map[string]string, err error) {
	c.calls.Lock()
	defer c.calls.Unlock()
	if c.stopped {
		return nil, fmt.Errorf("plan the tasks of connector %s: it is stopped", c.Plan.Name)
	}
	err = lives.Protect(func() error {
		configs, err = c.planTasks()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("plan the tasks of connector %s: %w", c.Plan.Name, err)
	}
	return configs, nil
}

func (c *Connector) planTasks() ([]map[string]string, error) {
	changes, err := c.plugin().TaskConfigs(c.Plan.MaxTasks)
	if err != nil {
		return nil, err
	}
	if len(changes) > c.Plan.MaxTasks {
		return nil, fmt.Errorf("class %s planned %d tasks, tasks.max is %d", c.Plan.Class, len(changes), c.Plan.MaxTasks)
	}
	out := make([]map[string]string, 0, len(changes))
	for id, own := range changes {
		if _, err := c.Plan.Values.With(own); err != nil {
			return nil, fmt.Errorf("task %d: %w", id, err)
		}
		props := maps.Clone(c.Plan.Props)
		maps.Copy(props, own)
		props[taskClass] = c.Plan.TaskClass
		out = append(out, props)
	}
	return out, nil
}

// Pause shows the connector as PAUSED and makes its requests for new configurations
// wait. The connector keeps what it holds; its tasks are paused one by one.
func (c *Connector) Pause() {
	c.mu.Lock()
	c.paused = true
	c.mu.Unlock()
	c.reporter.set(Paused, "")
}

// Resume undoes Pause.
func (c *Connector) Resume() {
	c.mu.Lock()
	was, asked := c.paused, c.asked
	c.paused, c.asked = false, false
	c.mu.Unlock()
	if was {
		c.reporter.set(Running, "")
	}
	if asked {
		c.replan()
	}
}

// Stop stops the connector. It returns early when ctx is done; the connector may
// still be stopping then. It is called once. The tasks are not its business.
func (c *Connector) Stop(ctx context.Context) error {
	c.worker.running.remove(c)
	done := make(chan error, 1)
	go func() { done <- c.drop() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("stop connector %s: %w", c.Plan.Name, ctx.Err())
	}
}

// drop stops the connector and ends its use of the plan.
func (c *Connector) drop() error {
	c.calls.Lock()
	defer c.calls.Unlock()
	c.stopped = true
	stop := func() error { return nil } // of a plugin that could not make a connector
	if p := c.plugin(); p != nil {
		stop = p.Stop
	}
	err := errors.Join(lives.Protect(stop), lives.Protect(c.Plan.Close))
	c.reporter.set(Unassigned, "")
	if err != nil {
		return fmt.Errorf("stop connector %s: %w", c.Plan.Name, err)
	}
	return nil
}

func newConnector(w *Worker, p *plan.Connector, o *ConnectorOptions) *Connector {
	c := &Connector{Plan: p, worker: w, replan: func() {}, reporter: reporter{hide: p.HideText},
		logger: logs.Hide(w.logger, p.HideText).With("connector", p.Name)}
	if o != nil && o.Replan != nil {
		c.replan = o.Replan
	}
	if o != nil {
		c.reporter.changed = o.Changed
	}
	return c
}
