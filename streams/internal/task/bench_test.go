package task

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/streams/internal/telemetry"
	"github.com/suiro/suiro/streams/topology"
)

// BenchmarkTaskPass measures what a task does around the nodes: batches of 1000 records,
// each of which is passed on as it is.
func BenchmarkTaskPass(b *testing.B) {
	m, err := telemetry.New(nil)
	if err != nil {
		b.Fatal(err)
	}
	pass := topology.Source{Name: "in", Topic: "in", New: func(c topology.Context) topology.Handler {
		return func(r *topology.Record) error { return c.Emit("out", r.Key, r.Value, r.Timestamp, r.Headers) }
	}}
	o := Options{
		Sub:   &topology.Subtopology{Sources: []topology.Source{pass}, Sinks: []topology.Sink{{Name: "out", Topic: "out"}}},
		Topic: func(name string) string { return name }, Metrics: m.Task(topology.TaskID{}),
		Logger: slog.New(slog.DiscardHandler), StreamTime: NoStreamTime,
		Produce: func(ctx context.Context, r *kgo.Record, done func(*kgo.Record, error)) {
			r.Context = ctx
			done(r, nil)
		},
	}
	t, err := Inline(o, nil)
	if err != nil {
		b.Fatal(err)
	}
	records := make([]*kgo.Record, 1000)
	value := make([]byte, 400)
	for i := range records {
		records[i] = &kgo.Record{Topic: "in", Key: fmt.Appendf(nil, "key-%d", i), Value: value, Offset: int64(i),
			Timestamp: time.UnixMilli(int64(1_700_000_000_000 + i%50))}
	}
	b.SetBytes(int64(len(records) * len(value)))
	b.ReportAllocs()
	for b.Loop() {
		if err := t.ProcessInline(records); err != nil {
			b.Fatal(err)
		}
		if err := t.Committed(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(records)), "ns/record")
}
