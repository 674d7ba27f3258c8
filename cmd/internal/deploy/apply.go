package deploy

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/connect/client"
	"github.com/suiro/suiro/internal/flags"
)

// What came of a step.
const (
	done     = "done"
	failed   = "failed"
	notTried = "not tried"
)

// confirmed asks whether to go on.
func confirmed(c *cobra.Command) bool {
	fmt.Fprint(c.ErrOrStderr(), "Do this? Type yes: ")
	answer, _ := bufio.NewReader(c.InOrStdin()).ReadString('\n') // no answer is no
	return strings.EqualFold(strings.TrimSpace(answer), "yes")
}

// applier carries out plans.
type applier struct {
	client *client.Client
	out    io.Writer // for people
	wait   bool
	settle time.Duration
}

// apply carries out a plan, and fills in what came of each step. It ends at the first step
// that the cluster refuses, and waits for those before.
func (a *applier) apply(ctx context.Context, p *plan) error {
	var errs []error
	var started []*step
	for _, s := range p.Steps {
		switch {
		case s.Action == keep || s.Action == ignore:
			continue
		case len(errs) > 0:
			s.Result = notTried
			continue
		}
		if err := a.do(ctx, s); err != nil {
			s.Result, s.Reason = failed, err.Error()
			errs = append(errs, fmt.Errorf("connector %s: %w", s.Connector, err))
			continue
		}
		s.Result = done
		a.say("%s %sd", s.Connector, s.Action)
		if s.Action != remove {
			started = append(started, s)
		}
	}
	errs = append(errs, untried(p))
	if a.wait {
		errs = append(errs, a.await(ctx, started))
	}
	return errors.Join(errs...)
}

// untried says what was left because something before it was refused.
func untried(p *plan) error {
	var names []string
	for _, s := range p.Steps {
		if s.Result == notTried {
			names = append(names, s.Connector)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return fmt.Errorf("not tried, because of the error before: %s", strings.Join(names, ", "))
}

func (a *applier) say(format string, args ...any) {
	fmt.Fprintln(a.out, flags.Printable(fmt.Sprintf(format, args...)))
}

// do carries out one step, unless somebody else has changed the connector.
func (a *applier) do(ctx context.Context, s *step) error {
	if s.Action == create {
		_, err := a.client.Create(ctx, s.want)
		if errors.Is(err, client.ErrExists) {
			return errors.New("somebody else has created it since the plan: look at the plan again")
		}
		return err
	}
	now, err := a.client.Config(ctx, s.Connector)
	switch {
	case errors.Is(err, client.ErrNotFound) && s.Action == remove:
		return nil
	case errors.Is(err, client.ErrNotFound):
		return errors.New("somebody else has deleted it since the plan: look at the plan again")
	case err != nil:
		return err
	case !maps.Equal(now, s.seen):
		return errors.New("somebody else has changed it since the plan: look at the plan again")
	}
	if s.Action == remove {
		return a.client.Delete(ctx, s.Connector)
	}
	_, _, err = a.client.Put(ctx, s.Connector, s.want.Config)
	return err
}
