package filesets

import (
	"context"
	"sync"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connectors/filesets/claim"
	"github.com/suiro/suiro/connectors/filesets/storage"
)

// info declares the keys of a connector that adds none.
var info = connect.Info{Class: "TestSink", Def: config.New(Keys()...), Validate: Validate}

// task is the least sink task over a [Sink].
type task struct {
	*Sink
	storage  storage.Storage
	registry Registry
}

func (t *task) Start(_ context.Context, tc connect.SinkContext, v config.Values) error {
	o, err := NewOptions(v, "/")
	if err != nil {
		return err
	}
	o.Storage, o.Registry, o.Counters = t.storage, t.registry, NewCounters(tc.Metrics(), "test_sink")
	t.Sink = New(tc, o)
	return nil
}

func (t *task) Stop() error {
	if t.Sink == nil {
		return nil
	}
	return t.Sink.Stop()
}

// testProps is a configuration with changes, as key and value in turn.
func testProps(changes ...string) map[string]string {
	props := map[string]string{"topics.dir": "root", "flush.size": "10", "retry.backoff.ms": "1",
		"partitioner.class": "TimeBasedPartitioner", "path.format": "'dt='YYYY-MM-dd/'hour='HH",
		"timestamp.extractor": "RecordField", "timestamp.field": "time"}
	for i := 0; i < len(changes); i += 2 {
		props[changes[i]] = changes[i+1]
	}
	return props
}

// start starts a task on a storage, with changes of [testProps].
func start(t testing.TB, st storage.Storage, changes ...string) *connecttest.Sink {
	t.Helper()
	return connecttest.StartSink(t, info, &task{storage: st}, testProps(changes...))
}

// memoryRegistry knows what it is told, while it is not away.
type memoryRegistry struct {
	mu     sync.Mutex // guards the rest
	away   bool
	refuse error // what Add and Reserve return
	sets   map[int64]bool
}

func (r *memoryRegistry) set(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change()
}

func (r *memoryRegistry) Reserve(string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.refuse
}

func (r *memoryRegistry) Add(s claim.Set) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sets == nil {
		r.sets = map[int64]bool{}
	}
	r.sets[s.First] = !r.away
	return r.refuse
}

func (r *memoryRegistry) Registered(s claim.Set) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sets[s.First]
}

var p0 = connect.TopicPartition{Topic: "access", Partition: 0}
