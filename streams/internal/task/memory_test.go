package task

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/streams/topology"
)

// What a task keeps of its stores is a part of what all tasks keep, and comes back when it ends.
func TestATaskGivesItsMemoryBack(t *testing.T) {
	shared := stores.NewMemory(1 << 20)
	task, err := Inline(Options{
		Sub: &topology.Subtopology{Stores: []topology.Store{{Spec: spec(kinds.KeyValue)}},
			Sources: []topology.Source{{Topic: "in", New: putter}}},
		DB: mem.Open(), Changelog: func(store string) string { return store }, Metrics: metrics(t), Shared: shared,
		Logger: slog.New(slog.DiscardHandler), Topic: func(name string) string { return name }, StreamTime: NoStreamTime,
		Produce: func(ctx context.Context, r *kgo.Record, done func(*kgo.Record, error)) {
			r.Context = ctx
			done(r, nil)
		},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		r := &kgo.Record{Topic: "in", Key: fmt.Appendf(nil, "%d", i), Value: []byte("v"), Timestamp: time.Unix(1, 0)}
		if err := task.ProcessInline([]*kgo.Record{r}); err != nil {
			t.Fatal(err)
		}
	}
	if err := task.WriteChangelog(); err != nil {
		t.Fatal(err)
	}
	if err := task.Committed(); err != nil {
		t.Fatal(err)
	}
	if shared.Held() == 0 {
		t.Error("the task keeps nothing of its store")
	}
	task.Close()
	task.Close()
	if held := shared.Held(); held != 0 {
		t.Errorf("%d bytes are held after the task has ended", held)
	}
}

// putter puts each record into the store.
func putter(ctx topology.Context) topology.Handler {
	s := ctx.Stores().KeyValue("s")
	return func(r *topology.Record) error {
		s.Put(r.Key, r.Value)
		return nil
	}
}
