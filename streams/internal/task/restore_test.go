package task

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/streams/topology"
)

// FuzzRestore checks that a changelog, whatever it holds, is restored or refused, and
// that the task then processes records and commits.
func FuzzRestore(f *testing.F) {
	f.Add(stores.Key(nil, "s", []byte("k")), []byte("v"), int64(0))
	f.Add(streamTimeKey, []byte("\x7f\xff\xff\xff\xff\xff\xff\xff"), int64(-1))
	f.Add(offsetKey, []byte("12345678"), int64(1)<<62)
	f.Add([]byte{0xff}, []byte(nil), int64(-1)<<63)
	f.Fuzz(func(t *testing.T, key, value []byte, at int64) {
		o := Options{
			Sub: &topology.Subtopology{Stores: []string{"s"}, Sources: []topology.Source{{Topic: "in", New: reader}}},
			DB:  mem.Open(), Changelog: "log", DeadLetters: "dlq", Metrics: metrics(t), Logger: slog.New(slog.DiscardHandler),
			Topic: func(name string) string { return name }, Ahead: time.Hour,
		}
		o.Produce = func(ctx context.Context, r *kgo.Record, done func(*kgo.Record, error)) {
			r.Context = ctx
			done(r, nil)
		}
		task, err := Inline(o, []*kgo.Record{{Key: key, Value: value}})
		if err != nil {
			return
		}
		if err := task.ProcessInline([]*kgo.Record{{Topic: "in", Key: key, Value: value, Timestamp: time.UnixMilli(at)}}); err != nil {
			t.Fatal(err)
		}
		if err := task.WriteChangelog(); err != nil {
			t.Fatal(err)
		}
		if err := task.Committed(); err != nil {
			t.Fatal(err)
		}
	})
}

// reader puts each record into a store and walks its windows.
func reader(ctx topology.Context) topology.Handler {
	s := ctx.Overlay().Window("s")
	return func(r *topology.Record) error {
		s.Put(r.Key, r.Timestamp.UnixMilli(), r.Value)
		_, err := s.Expire(ctx.StreamTime().UnixMilli())
		return err
	}
}
