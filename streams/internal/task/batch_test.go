package task

import (
	"context"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams/topology"
)

// All records of a batch, and the batches of the same poll, take memory as long as
// something refers to one of them. A task that has nothing to do must not keep what it
// has processed: nothing could be read any more when it is all that there is room for.
func TestWhatWasProcessedIsGivenUp(t *testing.T) {
	sub := &topology.Subtopology{Sources: []topology.Source{{Topic: "in", New: func(c topology.Context) topology.Handler {
		return func(r *topology.Record) error { return c.Emit("out", r.Key, r.Value, r.Timestamp, r.Headers) }
	}}}}
	task := Start(t.Context(), Options{
		Sub: sub, ApplicationID: "app", Partitions: 1, Topic: func(name string) string { return name },
		Produce: func(ctx context.Context, r *kgo.Record, promise func(*kgo.Record, error)) {
			r.Context = ctx // as the client does
			promise(r, nil)
		},
		Metrics: metrics(t), Logger: slog.New(slog.DiscardHandler),
	})
	defer task.Stop()
	<-task.Ready()
	freed := make(chan int, 3)
	func() {
		var records []*kgo.Record
		for n := range cap(freed) {
			text := make([]byte, 3<<10)
			runtime.AddCleanup(&text[0], func(n int) { freed <- n }, n)
			records = append(records, &kgo.Record{Topic: "in", Offset: int64(n), Timestamp: time.UnixMilli(1),
				Key: text[:1<<10], Value: text[1<<10 : 2<<10],
				Headers: []kgo.RecordHeader{{Key: "h", Value: text[2<<10:]}}})
		}
		task.Process(records, 9<<10)
	}()
	if err := task.Wait(); err != nil {
		t.Fatal(err)
	}
	kafkatest.Eventually(t, "the memory of all records to be given back", func() bool {
		runtime.GC()
		return len(freed) == cap(freed)
	})
	runtime.KeepAlive(task)
}
