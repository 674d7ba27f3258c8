package crew

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker"
)

// Machine runs connectors and tasks: a worker, or the fake of a test.
type Machine interface {
	// Compile returns a plan whose one user is the caller. The error is
	// [herder.ErrInvalid].
	Compile(config map[string]string) (*plan.Connector, error)
	// StartConnector starts a connector without its tasks, as [worker.Worker] does.
	StartConnector(ctx context.Context, p *plan.Connector, o *worker.ConnectorOptions) (Connector, error)
	// StartTask starts a task, as [worker.Worker] does.
	StartTask(p *plan.Connector, id int, props map[string]string, o *worker.TaskOptions) (Task, error)
	// StopTasks stops tasks at the same time, and waits for them for a limited time.
	StopTasks(ctx context.Context, tasks []Task) error
}

// Connector is a [worker.Connector].
type Connector interface {
	// TaskConfigs plans the tasks.
	TaskConfigs() ([]map[string]string, error)
	// Pause pauses the instance.
	Pause()
	// Resume undoes Pause.
	Resume()
	// Stop stops the instance.
	Stop(ctx context.Context) error
}

// Task is a [worker.Task].
type Task interface {
	prometheus.Collector
	// Pause pauses the task.
	Pause()
	// Resume undoes Pause.
	Resume()
	// Status is what the task does.
	Status() worker.Status
	// Counts is what the task did so far.
	Counts() worker.Counts
	// Topics are the topics that the task uses, sorted.
	Topics() []string
	// ResetTopics forgets them.
	ResetTopics()
}

// compiler makes plans.
type compiler interface {
	Compile(config map[string]string) (*plan.Connector, error)
}

// ofWorker is the machine of a real worker.
type ofWorker struct {
	compiler
	worker *worker.Worker
}

// NewMachine returns the machine of a worker. plans compiles for it.
func NewMachine(w *worker.Worker, plans compiler) Machine { return ofWorker{plans, w} }

// StartConnector implements [Machine].
func (m ofWorker) StartConnector(ctx context.Context, p *plan.Connector, o *worker.ConnectorOptions) (
	Connector, error) {
	c, err := m.worker.StartConnector(ctx, p, o)
	if err != nil {
		return nil, err // a nil *worker.Connector would be a connector
	}
	return c, nil
}

// StartTask implements [Machine].
func (m ofWorker) StartTask(p *plan.Connector, id int, props map[string]string, o *worker.TaskOptions) (Task, error) {
	t, err := m.worker.StartTask(p, id, props, o)
	if err != nil {
		return nil, err
	}
	return t, nil
}

// StopTasks implements [Machine].
func (m ofWorker) StopTasks(ctx context.Context, tasks []Task) error {
	list := make([]*worker.Task, len(tasks))
	for i, t := range tasks {
		list[i] = t.(*worker.Task) // StartTask has made it
	}
	return m.worker.StopTasks(ctx, list)
}
