package see

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/ctl/contexts"
	"github.com/suiro/suiro/cmd/internal/ctl/session"
	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/connect/client"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/internal/flags"
)

const (
	// tapPatience is how much longer than tapWait a worker may take to answer.
	tapPatience = 3 * time.Second
	// tapPause is between two rounds in which no task was there.
	tapPause = time.Second
)

// tapRound asks every worker that runs tasks of a connector, at the same time, again and
// again: tasks move.
type tapRound struct {
	*tap
	session   *session.Session
	command   *cobra.Command
	target    contexts.Context
	connector string

	told string // what was last said of tasks that are not shown
}

// tapResult is what a worker answers.
type tapResult struct {
	worker string
	tapped api.Tapped
	err    error
}

// do asks once. Tasks whose worker does not answer, and those that are on their way to
// another worker, are named; it is an error when no worker can show any.
func (r *tapRound) do(ctx context.Context) error {
	status, workers, err := r.workers(ctx)
	if err != nil {
		return err
	}
	wanted := map[int]string{} // the worker of each task
	for _, task := range status.Tasks {
		if r.task < 0 || task.ID == r.task {
			wanted[task.ID] = cmp.Or(task.WorkerID, "no worker")
		}
	}
	if len(wanted) == 0 {
		return fmt.Errorf("connector %s has no such task now: %s status %[1]s shows what it has",
			flags.Printable(r.connector), r.command.Parent().CommandPath())
	}
	results, err := r.ask(ctx, workers)
	if err != nil || ctx.Err() != nil { // Ctrl-C cuts every answer short
		return err
	}
	return r.judge(ctx, wanted, results)
}

// ask asks all workers and prints what they answer, as it comes.
func (r *tapRound) ask(ctx context.Context, workers map[string]*client.Client) ([]tapResult, error) {
	want := api.TapRequest{Stage: r.stage, Task: r.task, Wait: tapWait, Records: tapMost}
	if r.limit > 0 {
		want.Records = min(tapMost, r.limit-r.printed)
	}
	ctx, cancel := context.WithTimeout(ctx, min(r.session.Timeout, tapWait+tapPatience))
	defer cancel()
	answers := make(chan tapResult, len(workers))
	for name, w := range workers {
		go func() {
			tapped, err := w.Tap(ctx, r.connector, want)
			answers <- tapResult{name, tapped, err}
		}()
	}
	var results []tapResult
	for range workers {
		answer := <-answers
		results = append(results, answer)
		if err := r.print(answer.tapped.Stages); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// judge says which tasks were not tapped, and why.
func (r *tapRound) judge(ctx context.Context, wanted map[int]string, results []tapResult) error {
	var errs []error
	failed := map[string]error{} // by worker
	for _, result := range results {
		if result.err != nil {
			errs = append(errs, result.err)
			failed[result.worker] = result.err
		}
		for _, task := range result.tapped.Tasks {
			delete(wanted, task)
		}
	}
	if len(errs) == len(results) {
		err := errors.Join(errs...)
		if errors.Is(err, client.ErrUnsupported) {
			return fmt.Errorf("%w: only workers of Suiro show records", err)
		}
		return err
	}
	r.tell(wanted, failed)
	for _, result := range results {
		if len(result.tapped.Tasks) > 0 {
			return nil // which has waited for records
		}
	}
	_ = backoff.Sleep(ctx, tapPause) // an end is seen by whoever asks again
	return nil
}

// tell says which tasks are not shown, when that has changed.
func (r *tapRound) tell(missing map[int]string, failed map[string]error) {
	var lines []string
	for _, task := range slices.Sorted(maps.Keys(missing)) {
		worker := missing[task]
		why := "it is not there now; it may be on its way to another worker"
		if err := failed[worker]; errors.Is(err, client.ErrUnsupported) {
			why = "only workers of Suiro show records"
		} else if err != nil {
			why = err.Error()
		}
		lines = append(lines, flags.Printable(fmt.Sprintf("task %d on %s is not shown: %s", task, worker, why)))
	}
	text := strings.Join(lines, "\n")
	if text != "" && text != r.told {
		fmt.Fprintln(r.command.ErrOrStderr(), text)
	}
	r.told = text
}

// workers are clients of those that run the tasks, by their names in the status; with one
// worker it is the one that answers anyway, under an address that is known to work.
func (r *tapRound) workers(ctx context.Context) (api.ConnectorStatus, map[string]*client.Client, error) {
	cl, err := r.session.ClientOf(r.command, r.target)
	if err != nil {
		return api.ConnectorStatus{}, nil, cli.UsageError{Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, r.session.Timeout)
	defer cancel()
	status, err := cl.Status(ctx, r.connector)
	if err != nil {
		return status, nil, err
	}
	p, err := newPages(nil, r.target.URLs[0], nil)
	if err != nil {
		return status, nil, err
	}
	all := p.addresses(map[string]api.ExpandedConnector{r.connector: {Status: &status}})
	if len(all) < 2 {
		return status, map[string]*client.Client{status.Connector.WorkerID: cl}, nil
	}
	out := map[string]*client.Client{}
	for _, address := range all {
		alone := r.target
		alone.URLs = []string{address}
		one, err := r.session.ClientOf(r.command, alone)
		if err != nil {
			return status, nil, err
		}
		_, worker, _ := strings.Cut(address, "://")
		out[worker] = one
	}
	return status, out, nil
}
