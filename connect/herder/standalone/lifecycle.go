package standalone

import (
	"context"
	"errors"
	"slices"

	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/worker"
)

var _ herder.Lifecycle = (*lifecycle)(nil)

// lifecycle makes connectors stop and go on. It is safe for concurrent use.
type lifecycle struct {
	roster *roster
	status func(*entry) api.ConnectorStatus
}

// with calls f with a connector that nobody else changes meanwhile. What it is without
// that connector says unknown.
func (l *lifecycle) with(name, unknown string, f func(e *entry) error) error {
	unlock, err := l.roster.change(name)
	if err != nil {
		return err
	}
	defer unlock()
	e := l.roster.find(name)
	if e == nil {
		return herder.Errorf(herder.ErrNotFound, unknown, name)
	}
	return f(e)
}

// Kafka Connect's words for a connector that is not there.
const (
	unknownConnector = "Unknown connector %s"
	unknownToRestart = "Unknown connector: %s"
)

// Pause implements [herder.Lifecycle].
func (l *lifecycle) Pause(_ context.Context, name string) error {
	return l.with(name, unknownConnector, func(e *entry) error {
		next := e.aimed(api.InitialPaused)
		if err := l.roster.remember(next); err != nil {
			return err
		}
		next.pause(true)
		l.roster.keep(next)
		return nil
	})
}

// Resume implements [herder.Lifecycle].
func (l *lifecycle) Resume(ctx context.Context, name string) error {
	return l.with(name, unknownConnector, func(e *entry) error {
		if e.failure != nil && e.target == api.InitialRunning {
			return nil // it is started again by itself, or can never work
		}
		next := e.aimed(api.InitialRunning)
		if err := l.roster.remember(next); err != nil {
			return err
		}
		next.pause(false)
		if next.running == nil {
			l.roster.launch(ctx, next)
		} else {
			l.roster.keep(next)
		}
		return nil
	})
}

// StopConnector implements [herder.Lifecycle].
func (l *lifecycle) StopConnector(ctx context.Context, name string) error {
	return l.with(name, unknownConnector, func(e *entry) error {
		next := e.aimed(api.InitialStopped)
		if err := l.roster.remember(next); err != nil {
			return err
		}
		if err := l.roster.quiet(ctx, e, "it was told to stop"); err != nil {
			l.roster.log.Error("connector did not stop in time", "connector", name, "error", err)
		}
		next.running, next.tasks, next.late, next.failure = nil, nil, ending(e.late, e.tasks), nil
		l.roster.keep(next)
		return nil
	})
}

// Restart implements [herder.Lifecycle].
func (l *lifecycle) Restart(ctx context.Context, name string) error {
	return l.with(name, unknownToRestart, func(e *entry) error { return l.restartConnector(ctx, e) })
}

// restartConnector starts a connector again with its configuration, whose references
// are resolved again.
func (l *lifecycle) restartConnector(ctx context.Context, e *entry) error {
	if e.running == nil && e.failure == nil {
		return nil // it is not meant to run
	}
	compiled, err := l.roster.compile(e.plan.Props)
	if err != nil {
		return err
	}
	if e.running != nil {
		if err := l.roster.stopConnector(ctx, e.running); err != nil {
			l.roster.log.Error("connector did not stop in time", "connector", e.plan.Name, "error", err)
		}
	}
	l.roster.closePlan(e)
	next := *e
	next.plan, next.running = compiled, nil
	l.roster.launch(ctx, &next)
	return nil
}

// renew starts a connector and its tasks again because values that it refers to have
// changed.
func (l *lifecycle) renew(name string) {
	l.roster.log.Info("connector is restarted: a config provider has other values for it", "connector", name)
	if _, err := l.RestartMany(l.roster.life, name, true, false); err != nil && l.roster.life.Err() == nil {
		l.roster.log.Error("connector keeps the old values: restart it", "connector", name, "error", err)
	}
}

// RestartTask implements [herder.Lifecycle].
func (l *lifecycle) RestartTask(ctx context.Context, id api.TaskID) error {
	return l.with(id.Connector, unknownToRestart, func(e *entry) error {
		if id.Task < 0 || id.Task >= len(e.tasks) {
			return herder.Errorf(herder.ErrNotFound, "Unknown task: %v", id)
		}
		return l.restartTasks(ctx, e, e.tasks[id.Task:id.Task+1])
	})
}

// restartTasks starts tasks again, which are some of those of the connector.
func (l *lifecycle) restartTasks(ctx context.Context, e *entry, tasks []*worker.Task) error {
	if len(tasks) == 0 {
		return nil
	}
	compiled, err := l.roster.compile(e.plan.Props)
	if err != nil {
		return err
	}
	defer func() { _ = compiled.Close() }() // each task has a use of its own
	next := *e
	next.tasks = slices.Clone(e.tasks)
	l.roster.stopTasks(ctx, &next, tasks)
	var errs []error
	for _, t := range tasks {
		o := &worker.TaskOptions{Paused: e.target == api.InitialPaused}
		again, err := l.roster.worker.StartTask(compiled, t.ID, t.Config, o)
		if errs = append(errs, err); err == nil {
			next.tasks[t.ID] = again
		}
	}
	l.roster.keep(&next)
	return errors.Join(errs...)
}

// RestartMany implements [herder.Lifecycle].
func (l *lifecycle) RestartMany(ctx context.Context, name string, includeTasks, onlyFailed bool) (
	status api.ConnectorStatus, err error) {
	err = l.with(name, unknownToRestart, func(e *entry) error {
		status = l.status(e)
		again := func(s *api.ConnectorState) bool {
			if onlyFailed && s.State != api.Failed {
				return false
			}
			s.State, s.Trace = api.Restarting, ""
			return true
		}
		var tasks []*worker.Task
		for i := range status.Tasks {
			if includeTasks && again(&status.Tasks[i].ConnectorState) {
				tasks = append(tasks, e.tasks[i])
			}
		}
		if again(&status.Connector) {
			if err := l.restartConnector(ctx, e); err != nil {
				return err
			}
			e = l.roster.find(name)
			tasks = slices.DeleteFunc(tasks, func(t *worker.Task) bool { return !slices.Contains(e.tasks, t) }) // started again
		}
		return l.restartTasks(ctx, e, tasks)
	})
	return status, err
}
