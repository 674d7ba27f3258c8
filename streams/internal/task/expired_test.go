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

// A task knows up to where its changelog has only expired, by the time of the store: not
// earlier, and not much later, also after a restart and a restore.
func TestATaskKnowsWhatHasExpired(t *testing.T) {
	var changelog []*kgo.Record
	start := func(db stores.DB, replay []*kgo.Record) *Task {
		o := Options{
			Sub: &topology.Subtopology{Stores: []topology.Store{{Spec: spec(kinds.Window)}},
				Sources: []topology.Source{{Topic: "in", New: reader}}},
			DB: db, Changelog: func(store string) string { return store }, Metrics: metrics(t), AdditionalRetention: time.Hour / 2,
			Logger: slog.New(slog.DiscardHandler), Topic: func(name string) string { return name }, StreamTime: NoStreamTime,
		}
		o.Produce = func(ctx context.Context, r *kgo.Record, done func(*kgo.Record, error)) {
			r.Context, r.Offset = ctx, int64(len(changelog))
			kept := *r
			changelog = append(changelog, &kept)
			done(r, nil)
		}
		task, err := Inline(o, replay)
		if err != nil {
			t.Fatal(err)
		}
		return task
	}
	db := mem.Open()
	task, started := start(db, nil), 0
	for minute := range 600 {
		at := time.Unix(int64(60*minute), 0)
		r := &kgo.Record{Topic: "in", Key: fmt.Appendf(nil, "%d", minute), Value: []byte("v"), Timestamp: at}
		if err := task.ProcessInline([]*kgo.Record{r}); err != nil {
			t.Fatal(err)
		}
		if minute%100 == 50 {
			task.Aborted()
			continue
		}
		if err := task.WriteChangelog(); err != nil {
			t.Fatal(err)
		}
		if err := task.Committed(); err != nil {
			t.Fatal(err)
		}
		switch minute {
		case 250:
			task, started = start(db, nil), minute
		case 400:
			task, started = start(mem.Open(), changelog), minute
		}
		below := int64(0)
		task.Expired(func(topic string, partition int32, offset int64) { below = offset })
		if below > 0 && !changelog[below-1].Timestamp.Add(90*time.Minute).Before(at) {
			t.Fatalf("minute %d: expired below %d, and the record before is of %v", minute, below, changelog[below-1].Timestamp)
		}
		if late := changelog[below].Timestamp.Add(100 * time.Minute); minute > started+10 && late.Before(at) {
			t.Fatalf("minute %d: expired below %d, and the record there is of %v", minute, below, changelog[below].Timestamp)
		}
	}
}
