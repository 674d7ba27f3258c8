package global

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"github.com/suiro/suiro/internal/rejections"
	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/failures"
	"github.com/suiro/suiro/streams/internal/lag"
	"github.com/suiro/suiro/streams/internal/limits"
	"github.com/suiro/suiro/streams/internal/task"
	"github.com/suiro/suiro/streams/internal/telemetry"
	"github.com/suiro/suiro/streams/topology"
)

// Options are what global stores are made with. All are required but those with a default.
type Options struct {
	// Stores are the global stores of the topology.
	Stores []topology.GlobalStore
	// DB holds them.
	DB stores.DB
	// ApplicationID is the app's.
	ApplicationID string
	// Client returns the options of a client that reads, and that writes dead letters.
	Client func() ([]kgo.Opt, error)
	// Admin asks what there is of the topics.
	Admin *kadm.Client
	// LookInterval is the time between two such questions.
	LookInterval time.Duration
	// MaxPollRecords bounds the records of one poll.
	MaxPollRecords int
	// Failures decides what becomes of records that cannot be taken. Default: such a record
	// ends the app.
	Failures failures.Policy
	// Limits are what the topic for dead letters takes. Default nil: everything.
	Limits *limits.Topics
	// Metrics counts for all global stores.
	Metrics *telemetry.Task
	// Shared is what all tasks of the process keep in memory of their stores. Default nil: each
	// task keeps as much as it has a use for.
	Shared *stores.Memory
	// Lags follows the partitions that are read.
	Lags *lag.Tracker
	// Rejections logs which records were rejected. Default nil: nothing is logged.
	Rejections *rejections.Log
	// Logger gets changes of state and what a person should act on.
	Logger *slog.Logger
}

// task is what the tasks of all stores have in common.
func (o *Options) task() task.Options {
	return task.Options{
		ApplicationID: o.ApplicationID, DB: o.DB, Failures: o.Failures, Limits: o.Limits,
		Shared: o.Shared, Metrics: o.Metrics, Rejections: o.Rejections, Logger: o.Logger,
	}
}

// Stores are the global stores of an instance. A nil one has none.
type Stores struct {
	all   []*table
	names map[string]*kinds.KeyValueReader
	ready chan struct{}
}

// New returns the global stores as they were left; Run brings them up to date.
func New(o Options) (*Stores, error) {
	s := &Stores{names: map[string]*kinds.KeyValueReader{}, ready: make(chan struct{})}
	for _, store := range o.Stores {
		t, err := newTable(&o, store)
		if err != nil {
			return nil, err
		}
		s.all = append(s.all, t)
		s.names[store.Store().Name] = reader(t.view, store.Store())
	}
	return s, nil
}

// reader reads a store through its view.
func reader(v *view, store topology.Store) *kinds.KeyValueReader {
	return kinds.Read(v, nil, store.Spec).KeyValue
}

// Ready is closed when all stores have been read to the ends of their topics.
func (s *Stores) Ready() <-chan struct{} { return s.ready }

// IsReady reports whether Ready is closed. A nil Stores is ready.
func (s *Stores) IsReady() bool {
	if s == nil {
		return true
	}
	select {
	case <-s.ready:
		return true
	default:
		return false
	}
}

// Reader reads a store, nil when there is none of the name. It is safe for concurrent use,
// and sees what was read at the latest.
func (s *Stores) Reader(store string) *kinds.KeyValueReader {
	if s == nil {
		return nil
	}
	return s.names[store]
}

// Run reads the topics until ctx is done, and then returns nil. An error says why a store
// cannot be kept: a record that cannot be taken where there is no topic for dead letters, or
// the DB. Brokers that are away, and a topic that is gone, are waited for; [Stores.Status]
// tells. It is called once.
func (s *Stores) Run(ctx context.Context) error {
	running, ctx := errgroup.WithContext(ctx)
	var begun sync.WaitGroup
	for _, t := range s.all {
		begun.Go(func() {
			select {
			case <-t.ready:
			case <-ctx.Done():
			}
		})
		running.Go(func() error { return t.run(ctx) })
	}
	running.Go(func() error {
		begun.Wait()
		if ctx.Err() == nil {
			close(s.ready)
		}
		return nil
	})
	return running.Wait()
}

// Status is how far the global stores are.
type Status struct {
	// Stores is how many there are.
	Stores int
	// Reading is how many are not complete: they are read for the first time, or anew.
	Reading int
	// Restored is how many records were read for that, and Remaining how many are left.
	Restored, Remaining int64
	// Problem says which store does not follow its topic now, and why; "" when all do.
	Problem string
}

// Status returns how far the stores are. Any goroutine may call it.
func (s *Stores) Status() (all Status) {
	if s == nil {
		return all
	}
	all.Stores = len(s.all)
	for _, t := range s.all {
		t.mu.Lock()
		if t.reading {
			all.Reading++
		}
		all.Restored += t.restored
		all.Remaining += t.remaining
		if all.Problem == "" {
			all.Problem = t.problem
		}
		t.mu.Unlock()
	}
	return all
}
