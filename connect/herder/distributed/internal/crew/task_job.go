package crew

import (
	"context"

	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker"
)

// taskJob is a task that this worker was given.
type taskJob struct {
	id     api.TaskID
	wanted wantedTask
	task   Task // nil when it could not be started
}

// newTaskJob starts a task. One that cannot be started is FAILED until it is restarted
// or gets another configuration.
func newTaskJob(c *Crew, p *plan.Connector, planErr error, id api.TaskID, w wantedTask) *taskJob {
	j := &taskJob{id: id, wanted: w}
	err, version := planErr, ""
	if p != nil {
		version = p.Version
		c.renewals.Watch(id, p)
	}
	if err == nil {
		o := &worker.TaskOptions{Paused: w.paused, Changed: func(s worker.Status) { c.reports.task(id, version, s) }}
		if w.fenced {
			o.Verify = func(ctx context.Context) error { return c.o.Verify(ctx, id, w.generation) }
		}
		j.task, err = c.machine.StartTask(p, id.Task, w.props, o)
	}
	if err != nil {
		text := err.Error()
		if p != nil {
			text = p.HideText(text)
		}
		c.log.Error("task failed", "connector", id.Connector, "task", id.Task, "error", text)
		c.reports.task(id, version, worker.Status{State: worker.Failed, Trace: text})
	}
	return j
}

// setPaused pauses or resumes the task.
func (j *taskJob) setPaused(paused bool) {
	if paused == j.wanted.paused {
		return
	}
	j.wanted.paused = paused
	switch {
	case j.task == nil:
	case paused:
		j.task.Pause()
	default:
		j.task.Resume()
	}
}
