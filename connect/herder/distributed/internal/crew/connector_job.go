package crew

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/suiro/suiro/connect/backing/configs"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker"
	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/internal/excerpt"
)

// connectorJob is a connector that this worker was given, from its start to its stop.
// A connector that cannot be started is tried again, unless its configuration can
// never work.
//
//	newConnectorJob ─▶ run ─▶ it starts: plans its tasks, at once and whenever it asks
//	                   ▲ └──▶ it fails: FAILED, a pause ─┐
//	                   └────────────────────────────────┘      end: it stops
type connectorJob struct {
	crew   *Crew
	name   string
	config map[string]string
	log    *slog.Logger

	cancel   context.CancelFunc
	done     chan struct{}
	targets  chan configs.TargetState // the last one asked for
	replan   chan struct{}            // it asks for new configurations of its tasks
	troubled bool                     // it is shown as FAILED because of its tasks; used by run alone
	plugin   atomic.Pointer[string]   // its version, once it is known
	target   configs.TargetState      // used by the crew's goroutine alone
}

// newConnectorJob starts a connector that is not to be stopped.
func newConnectorJob(c *Crew, name string, w wantedConnector) *connectorJob {
	ctx, cancel := context.WithCancel(context.Background())
	j := &connectorJob{crew: c, name: name, config: w.config, target: w.target, log: c.log.With("connector", name),
		cancel: cancel, done: make(chan struct{}), targets: make(chan configs.TargetState, 1),
		replan: make(chan struct{}, 1)}
	j.targets <- w.target
	go j.run(ctx)
	return j
}

// setTarget pauses or resumes the connector.
func (j *connectorJob) setTarget(t configs.TargetState) {
	if t == j.target {
		return
	}
	j.target = t
	select {
	case <-j.targets: // one that was not read yet
	default:
	}
	j.targets <- t
}

// run lives until the job is ended, again and again when that fails.
func (j *connectorJob) run(ctx context.Context) {
	defer close(j.done)
	var pause backoff.Backoff
	for try := 0; ; try++ {
		restarts, err := j.live(ctx)
		if err == nil {
			return
		}
		j.log.Error("connector failed", "error", err)
		j.changed(worker.Status{State: worker.Failed, Trace: err.Error()})
		if restarts == nil || restarts.Max >= 0 && try >= restarts.Max {
			return
		}
		if try == 0 {
			pause = backoff.Backoff{First: restarts.Delay, Max: restarts.DelayMax}
		}
		wait := pause.Next()
		if worker.Denied(err) {
			wait = max(wait, restarts.DelayMax)
		}
		if backoff.Sleep(ctx, wait) != nil {
			return
		}
	}
}

// live starts the connector and serves it until ctx is done. The error is why it could
// not be started; then again says when to try again, and is nil when nothing will help.
func (j *connectorJob) live(ctx context.Context) (again *plan.Restarts, err error) {
	p, err := j.crew.machine.Compile(j.config)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	j.crew.renewals.Watch(api.TaskID{Connector: j.name, Task: oneConnector}, p)
	j.plugin.Store(&p.Version)
	c, err := j.crew.machine.StartConnector(ctx, p, &worker.ConnectorOptions{Changed: j.changed, Replan: j.askReplan})
	if err != nil {
		var wrong config.Errors
		hidden := error(hidden{excerpt.Trace(err, p.HideText), err})
		switch {
		case ctx.Err() != nil:
			return nil, nil
		case errors.As(err, &wrong):
			return nil, hidden
		}
		return &p.Restarts, hidden
	}
	j.log.Info("connector started", "class", p.Class, "version", p.Version)
	j.serve(ctx, c, p.HideText)
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), j.crew.o.Patience)
	defer cancel()
	began := time.Now()
	if err := c.Stop(stopping); err != nil {
		j.log.Error("connector stopped with an error", "error", p.HideText(err.Error()))
		return nil, nil
	}
	j.log.Info("connector stopped", "took", time.Since(began).Round(time.Millisecond))
	return nil, nil
}

// hidden is an error whose text has no secrets.
type hidden struct {
	text string
	err  error
}

func (h hidden) Error() string { return h.text }
func (h hidden) Unwrap() error { return h.err }

func (j *connectorJob) changed(s worker.Status) { j.crew.reports.connector(j.name, j.version(), s) }

func (j *connectorJob) version() string {
	if v := j.plugin.Load(); v != nil {
		return *v
	}
	return ""
}

func (j *connectorJob) askReplan() {
	select {
	case j.replan <- struct{}{}:
	default:
	}
}

// serve pauses and resumes the connector and plans its tasks until ctx is done.
func (j *connectorJob) serve(ctx context.Context, c Connector, hide func(string) string) {
	pause := backoff.Backoff{First: 250 * time.Millisecond, Max: time.Minute}
	var retry <-chan time.Time
	for paused := false; ; {
		select {
		case <-ctx.Done():
			return
		case t := <-j.targets:
			if paused = t == configs.Paused; paused {
				c.Pause()
			} else {
				c.Resume()
			}
		case <-j.replan:
		case <-retry:
		}
		retry = nil
		if !paused && !j.plan(ctx, c, hide) {
			retry = time.After(pause.Next())
		} else {
			pause.Reset()
		}
	}
}

// plan publishes which tasks the connector wants, and shows why it cannot. It reports
// whether that is done, so that nothing must be tried again.
func (j *connectorJob) plan(ctx context.Context, c Connector, hide func(string) string) bool {
	tasks, err := c.TaskConfigs()
	if err == nil {
		err = j.crew.o.Publish(ctx, j.name, j.config, tasks)
	}
	var elsewhere *herder.NotLeaderError
	switch {
	case ctx.Err() != nil:
	case errors.As(err, &elsewhere):
		j.log.Info("the tasks are planned again once the group has a leader")
	case err != nil:
		text := hide(err.Error())
		j.log.Warn("the tasks cannot be planned or published, and are tried again", "error", text)
		j.changed(worker.Status{State: worker.Failed, Trace: text})
		j.troubled = true
	case j.troubled:
		j.changed(worker.Status{State: worker.Running})
		j.troubled = false
	}
	return err == nil
}

// end tells the connector to stop; done is closed when it has.
func (j *connectorJob) end() { j.cancel() }
