package global

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/streams/topology"
)

// table keeps one global store up to date. Its goroutine has everything but the view and
// what mu guards.
type table struct {
	o     *Options
	store topology.GlobalStore
	view  *view
	log   *slog.Logger
	ready chan struct{}
	began time.Time
	owned map[int32]bool // partitions whose lag is followed
	anew  string         // why the store is to be read again, "" when it is not

	mu                  sync.Mutex // guards what follows
	complete            bool       // ready is closed
	reading             bool
	restored, remaining int64
	problem             string
}

func newTable(o *Options, store topology.GlobalStore) (*table, error) {
	name := store.Store().Name
	v, err := openView(o.DB, name)
	if err != nil {
		return nil, err
	}
	return &table{o: o, store: store, view: v, log: o.Logger.With("store", name, "topic", store.Topic()),
		ready: make(chan struct{}), owned: map[int32]bool{}, reading: true}, nil
}

// The pauses while a topic cannot be read.
const (
	firstPause = 100 * time.Millisecond
	maxPause   = 5 * time.Second
)

// newTopicWait is how long brokers may not know a topic when the store is read for the first
// time. Later it is waited for without end.
const newTopicWait = 10 * time.Second

// run keeps the store until ctx is done.
func (t *table) run(ctx context.Context) error {
	t.began = time.Now()
	defer t.lose()
	for pause := (backoff.Backoff{First: firstPause, Max: maxPause}); ; {
		err := t.follow(ctx, pause.Reset)
		var anew *outdated
		var again *passing
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.As(err, &anew):
			t.anew = anew.why
		case errors.As(err, &again):
			t.log.Info("a global store reads again what it has not committed", "reason", err)
		case t.fatal(err):
			return fmt.Errorf("global store %s: %w", t.store.Store().Name, err)
		default:
			t.cannot(err)
		}
		if backoff.Sleep(ctx, pause.Next()) != nil {
			return nil
		}
	}
}

// outdated is the error of a generation that does not fit its topic any more.
type outdated struct{ why string }

// Error says why.
func (o *outdated) Error() string { return o.why }

// passing is an error after which the records since the last commit are read again.
type passing struct{ error }

// Unwrap returns the error.
func (p *passing) Unwrap() error { return p.error }

// broken is an error that no waiting mends.
type broken struct{ error }

// Unwrap returns the error.
func (b broken) Unwrap() error { return b.error }

// fatal reports whether an error ends the app: it is the app's own or that of its disk, or
// brokers refuse what is asked, before the app has begun.
func (t *table) fatal(err error) bool {
	var own broken
	if errors.As(err, &own) {
		return true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var refused *kerr.Error
	switch {
	case t.complete || !errors.As(err, &refused):
		return false
	case errors.Is(err, kerr.UnknownTopicOrPartition):
		return time.Since(t.began) > newTopicWait
	}
	return !refused.Retriable
}

// cannot notes that the topic cannot be followed.
func (t *table) cannot(err error) {
	why := err.Error()
	if errors.Is(err, kerr.UnknownTopicOrPartition) {
		why = "its topic does not exist"
	}
	t.mu.Lock()
	first := t.problem == ""
	t.problem = fmt.Sprintf("global store %s does not follow topic %s, and stays as it is: %s", t.store.Store().Name,
		t.store.Topic(), why)
	t.mu.Unlock()
	level := slog.LevelDebug
	var refused *kerr.Error
	if first && errors.As(err, &refused) { // brokers that are away are told of elsewhere
		level = slog.LevelWarn
	}
	t.log.Log(context.Background(), level, "a global store cannot follow its topic", "reason", why)
}

// can notes that the topic is followed.
func (t *table) can() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.problem = ""
}

// generation returns the generation to read into: that which readers see, or one beside it
// when that does not fit the topic.
func (t *table) generation(s *spans) (*generation, error) {
	seen, err := load(t.o.DB, t.store, t.view.current())
	if err != nil {
		return nil, broken{err}
	}
	why := cmp.Or(seen.outdated(s), t.anew)
	if why == "" {
		return seen, nil
	}
	next, err := load(t.o.DB, t.store, seen.number+1)
	if err == nil && (t.anew != "" || len(next.next) == 0 || next.outdated(s) != "") {
		t.log.Warn("a global store is read again from the beginning of its topic", "reason", why)
		var b stores.Batch
		wipe(&b, t.store, seen.number+1)
		if err = t.o.DB.Apply(&b); err == nil {
			next, err = load(t.o.DB, t.store, seen.number+1)
		}
	}
	if err != nil {
		return nil, broken{err}
	}
	t.anew = ""
	return next, nil
}

// starts notes that a generation is read to the end of the topic.
func (t *table) starts(g *generation, s *spans) {
	t.mu.Lock()
	t.reading = g.number != t.view.current() || !t.complete
	t.remaining = 0
	if t.reading {
		t.remaining = g.left(s)
	}
	left, reading := t.remaining, t.reading
	t.mu.Unlock()
	if reading {
		t.log.Info("a global store is read", "partitions", len(s.partitions), "records", left)
	}
}

// progress notes that so many records were read, and how many are left. It makes readers see
// the generation when none is.
func (t *table) progress(g *generation, s *spans, records int) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.reading {
		return nil
	}
	for range records {
		t.o.Metrics.Restored()
	}
	t.restored += int64(records)
	if t.remaining = g.left(s); t.remaining > 0 {
		return nil
	}
	if g.number != t.view.current() {
		err := t.view.show(g.number, func(b *stores.Batch, number uint64) { wipe(b, t.store, number) })
		if err != nil {
			return broken{err}
		}
	}
	t.reading = false
	if !t.complete {
		t.complete = true
		close(t.ready)
	}
	t.log.Info("a global store is complete", "records", t.restored, "took", time.Since(t.began).Round(time.Millisecond))
	return nil
}

// own follows the lags of the partitions.
func (t *table) own(g *generation) {
	for p, next := range g.next {
		t.o.Lags.Own(t.store.Topic(), p, next)
		t.owned[p] = true
	}
}

// lose forgets the lags.
func (t *table) lose() {
	for p := range t.owned {
		t.o.Lags.Lose(t.store.Topic(), p)
	}
	clear(t.owned)
}
