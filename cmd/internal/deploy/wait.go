package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/suiro/suiro/cmd/internal/ctl/output"
	"github.com/suiro/suiro/connect/client"
	"github.com/suiro/suiro/connect/herder/api"
)

const (
	lookEvery   = 250 * time.Millisecond
	reasonRunes = 300 // of a task's reason that are shown
)

// verdict is what one look at a connector says.
type verdict int

const (
	undecided verdict = iota
	good
	bad
)

// waiting is a connector that is waited for.
type waiting struct {
	*step
	last   verdict
	since  time.Time // of last
	status api.ConnectorStatus
	reason string // of the last failure, "" before one was seen
}

// await waits until the connectors are what they are to be, or have failed. A worker may
// start again what has failed, and shows for a moment what was before a change, so that a
// state counts once it has stayed for a while.
func (a *applier) await(ctx context.Context, steps []*step) error {
	var left []*waiting
	for _, s := range steps {
		left = append(left, &waiting{step: s})
	}
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	var errs []error
	for len(left) > 0 {
		var still []*waiting
		for _, w := range left {
			final, err := a.look(ctx, w)
			switch {
			case err != nil:
				errs = append(errs, err)
			case !final:
				still = append(still, w)
			}
		}
		if left = still; len(left) == 0 {
			break
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			for _, w := range left {
				errs = append(errs, w.late())
			}
			left = nil
		}
	}
	return errors.Join(errs...)
}

// look asks for the state of a connector. It is final when it has not changed for a while.
func (a *applier) look(ctx context.Context, w *waiting) (final bool, err error) {
	status, err := a.client.Status(ctx, w.Connector)
	switch {
	case errors.Is(err, client.ErrNotFound):
		status = api.ConnectorStatus{} // the worker has not heard of it yet
	case err != nil && ctx.Err() != nil:
		return false, nil // the time is over, which await says
	case err != nil:
		w.Result, w.Reason = failed, err.Error()
		return true, fmt.Errorf("connector %s: %w", w.Connector, err)
	}
	w.status = status
	now := w.judge(status)
	if now != w.last {
		w.last, w.since = now, time.Now()
	}
	if now == undecided || time.Since(w.since) < a.settle {
		return false, nil
	}
	w.State = string(status.Connector.State)
	if now == bad {
		w.Result, w.Reason = failed, w.reason
		return true, fmt.Errorf("connector %s: %s", w.Connector, w.reason)
	}
	a.say("%s is %s with tasks %s", w.Connector, w.State, output.Tally(status.Tasks))
	return true, nil
}

// target is the state in which a connector is to be in the end.
func (w *waiting) target() api.State {
	switch {
	case w.Action == create && w.want.InitialState != "":
		return api.State(w.want.InitialState)
	case w.Action == change && (w.before.Connector.State == api.Paused || w.before.Connector.State == api.Stopped):
		return w.before.Connector.State
	}
	return api.Running
}

// judge says what a status means. A failure that was there before the change does not
// count: it is the old one for as long as the worker has not begun anew.
func (w *waiting) judge(status api.ConnectorStatus) verdict {
	if reason, trace := failure(status); trace != "" {
		w.reason = reason
		if _, before := failure(w.before); trace != before {
			return bad
		}
		return undecided
	}
	target := w.target()
	other := func(t api.TaskState) bool { return t.State != target }
	switch {
	case status.Connector.State != target, slices.ContainsFunc(status.Tasks, other),
		target == api.Running && len(status.Tasks) == 0:
		return undecided
	}
	return good
}

// failure is why a connector or one of its tasks has failed, in a line and in full.
func failure(status api.ConnectorStatus) (reason, trace string) {
	say := func(what string, s api.ConnectorState) (string, string) {
		trace := what + s.Trace
		return fmt.Sprintf("%s failed on %s: %s", what, s.WorkerID, output.Cause(s.Trace, reasonRunes)), trace
	}
	if status.Connector.State == api.Failed {
		return say("it", status.Connector)
	}
	for _, t := range status.Tasks {
		if t.State == api.Failed {
			return say(fmt.Sprintf("task %d", t.ID), t.ConnectorState)
		}
	}
	return "", ""
}

// late is the error for a connector that the time was not enough for.
func (w *waiting) late() error {
	w.Result, w.State, w.Reason = failed, string(w.status.Connector.State), w.reason
	text := fmt.Sprintf("connector %s: is not %s in time, but %s with tasks %s", w.Connector, w.target(),
		output.State(w.status.Connector), output.Tally(w.status.Tasks))
	if w.reason != "" {
		return fmt.Errorf("%s; %s", text, w.reason)
	}
	return errors.New(text)
}
