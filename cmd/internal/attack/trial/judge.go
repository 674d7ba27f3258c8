package trial

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/suiro/suiro/cmd/internal/attack/stage"
)

// alive returns an error when a process has ended by itself.
func (t *Trial) alive() error {
	for _, p := range t.stage.All() {
		if err := p.Alive(); err != nil {
			return err
		}
	}
	return nil
}

// watch returns an error as soon as a process has ended by itself.
func (t *Trial) watch(ctx context.Context) error {
	all := t.stage.All()
	select {
	case <-ctx.Done():
		return nil
	case <-all[0].Ended():
	case <-all[1].Ended():
	case <-all[2].Ended():
	case <-all[3].Ended():
	}
	return fmt.Errorf("%s: %w", t.journal.last(), t.alive())
}

// peaks says how much memory each process has held at most, and returns an error when it
// was more than its limit.
func (t *Trial) peaks() (string, error) {
	var words []string
	var errs []error
	for _, p := range t.stage.All() {
		peak, err := p.Peak()
		if err == nil && peak > t.Stage.Limit {
			err = fmt.Errorf("%s: %s has held %d MiB, more than its limit of %d", t.journal.last(), p.Name, peak>>20,
				t.Stage.Limit>>20)
		}
		errs = append(errs, err)
		words = append(words, fmt.Sprintf("%s %d", p.Name, peak>>20))
	}
	return strings.Join(words, ", "), errors.Join(errs...)
}

// arrived waits until all honest records that are fed by now have arrived in all places,
// or in those that are quick to read.
func (t *Trial) arrived(ctx context.Context, when string, slow bool) error {
	if err := t.more(ctx); err != nil {
		return err
	}
	return t.await(ctx, when, slow)
}

// await waits until what is fed by now has arrived.
func (t *Trial) await(ctx context.Context, when string, slow bool) error {
	marks := t.places.marks()
	deadline := time.After(t.Patience)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	var why string
	for {
		var err error
		if why, err = t.places.late(ctx, marks, slow); why == "" && err == nil {
			return nil
		}
		if err != nil {
			why += "; " + err.Error()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-deadline:
			missing := t.places.missing(ctx)
			stage.Testify(ctx, t.stage.All()...)
			return fmt.Errorf("%s: honest records did not arrive within %v: %s\n%w\nmetrics, goroutines and logs are in %s",
				when, t.Patience, why, missing, t.stage.Logs)
		case <-tick.C:
		}
	}
}

// more waits until more honest records are fed, which are behind all that is there.
func (t *Trial) more(ctx context.Context) error {
	const more = 30
	enough := t.feed.Log.Fed() + more
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for t.feed.Log.Fed() < enough {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}

// judge waits for all honest records, nothing being fed any more, and compares.
func (t *Trial) judge(ctx context.Context, when string) error {
	if err := t.await(ctx, when, true); err != nil {
		return err
	}
	errs := []error{t.alive(), t.places.wrong(ctx)}
	_, err := t.peaks()
	changes, lookErr := t.outside.Changes()
	errs = append(errs, err, lookErr)
	if len(changes) > 0 {
		errs = append(errs, fmt.Errorf("outside of the given folders something has changed:\n%s",
			strings.Join(changes, "\n")))
	}
	if err := errors.Join(append(errs, t.hdfs())...); err != nil {
		return fmt.Errorf("%s: %w", when, err)
	}
	t.journal.say("%s: %s", when, t.places)
	return nil
}

// hdfs looks for changes next to the sink's folder in HDFS.
func (t *Trial) hdfs() error {
	near := filepath.Join(t.stage.Folder, "near")
	if err := errors.Join(t.holds(t.stage.Folder, "near", "other", "topics"), t.holds(near, "sentinel.json")); err != nil {
		return err
	}
	text, err := t.stage.Storage.ReadFile(filepath.Join(near, "sentinel.json"), 1<<10)
	if err == nil && string(text) != sentinel {
		err = fmt.Errorf("%s/sentinel.json has changed: %.100q", near, text)
	}
	return err
}

// holds returns an error when a folder of HDFS has another entry than those named.
func (t *Trial) holds(dir string, names ...string) error {
	var got []string
	for e, err := range t.stage.Storage.List(dir) {
		if err != nil {
			return fmt.Errorf("list %s: %w", dir, err)
		}
		got = append(got, e.Name)
	}
	if slices.Sort(got); !slices.Equal(got, names) {
		return fmt.Errorf("the folder %s of HDFS has %q, want %q", dir, got, names)
	}
	return nil
}

// again stops all processes in good order, takes the state of one away, so that it is
// restored, and starts them on what the attacks have left. Honest records go on.
func (t *Trial) again(ctx context.Context) error {
	if err := t.stage.Stop(); err != nil {
		return fmt.Errorf("after the attacks: %w", err)
	}
	if err := os.RemoveAll(filepath.Join(t.stage.State, "server-stats")); err != nil {
		return err
	}
	t.journal.say("all processes are started again")
	if err := t.stage.Start(); err != nil {
		return err
	}
	feeding, enough := context.WithTimeout(ctx, 3*time.Second)
	defer enough()
	if err := t.feed.Run(feeding); err != nil {
		return err
	}
	if err := t.judge(ctx, "after a restart"); err != nil {
		return err
	}
	return t.stage.Stop()
}
