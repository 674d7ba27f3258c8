package task

import (
	"context"
	"log/slog"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/streams/topology"
)

// slowDB calls hook in each Apply.
type slowDB struct {
	stores.DB
	hook func()
}

func (d slowDB) Apply(b *stores.Batch) error {
	d.hook()
	return d.DB.Apply(b)
}

// goka returns from a recovery that is stopped while the storage is being marked
// recovered. The task must not count as stopped before that is written, because its
// successor writes the same part of the DB.
func TestStorageClosesAfterItIsMarkedRecovered(t *testing.T) {
	var s *changelogStorage
	var closed atomic.Bool
	done := make(chan error, 1)
	db := slowDB{mem.Open(), func() {
		go func() {
			err := s.Close()
			closed.Store(true)
			done <- err
		}()
		for range 10_000 {
			runtime.Gosched()
		}
		if closed.Load() {
			t.Error("the storage is closed while a batch is on its way to the DB")
		}
	}}
	task := newTask(Options{DB: db, Sub: &topology.Subtopology{}, Logger: slog.New(slog.DiscardHandler), Metrics: metrics(t)})
	task.open()
	s = &changelogStorage{task: task}
	if err := s.Set("k", []byte("v")); err != nil {
		t.Fatal(err)
	}
	if err := s.SetOffset(7); err != nil {
		t.Fatal(err)
	}
	if err := s.MarkRecovered(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if offset, ok, err := task.storedOffset(); offset != 7 || !ok || err != nil {
		t.Errorf("stored offset %d, %v, %v, want 7", offset, ok, err)
	}
}

// A task that asks for the ends of its changelog stops although the broker
// does not answer.
func TestStopWhileTheChangelogsEndsAreAsked(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(1, "log"))
	asked := make(chan struct{}, 100)
	c.ControlKey(kmsg.ListOffsets.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		asked <- struct{}{}
		return nil, nil, true
	})
	client := []kgo.Opt{kgo.SeedBrokers(c.ListenAddrs()...)}
	cl, err := kgo.NewClient(client...)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	task := Start(context.Background(), Options{
		Sub:           &topology.Subtopology{Sources: []topology.Source{{Topic: "in"}}},
		ApplicationID: "app", Changelog: "log", Partitions: 1, DB: mem.Open(),
		Client: client, Admin: kadm.NewClient(cl),
		Topic: func(name string) string { return name }, Metrics: metrics(t), Logger: slog.New(slog.DiscardHandler),
	})
	select {
	case <-asked:
	case <-time.After(time.Minute):
		t.Fatal("the ends were not asked for within a minute")
	}
	task.cancel()
	select {
	case <-task.Stopped():
	case <-time.After(30 * time.Second):
		t.Fatal("the task did not stop within 30s")
	}
}
