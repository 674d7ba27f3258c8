package pipeline_test

import (
	"context"
	"log/slog"
	"runtime"
	"testing"
	"weak"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker/internal/counts"
	"github.com/suiro/suiro/connect/worker/internal/pipeline"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A sink may keep a record for long. Of the batches of which it keeps none, nothing stays,
// as the memory of all batches is bounded and nothing is read when it is full.
func TestARecordThatIsKeptKeepsNoOtherBatch(t *testing.T) {
	conv := plan.Converter{Converter: connecttest.Converter{}}
	p := pipeline.New(&plan.Connector{Key: conv, Value: conv}, &counts.Counters{}, noTap(), slog.New(slog.DiscardHandler))
	type batch struct{}
	var values []weak.Pointer[byte]
	var kept []*connect.SinkRecord
	p.Begin(10)
	for i := range 10 {
		value := make([]byte, 1<<16)
		values = append(values, weak.Make(&value[0]))
		r, _, err := p.ToSink(t.Context(), &kgo.Record{Value: value, Context: context.WithValue(t.Context(), batch{}, i)})
		if err != nil {
			t.Fatal(err)
		}
		if i == 3 {
			kept = append(kept, r)
		}
	}
	p.End()
	runtime.GC()
	for i, v := range values {
		if got, want := v.Value() != nil, i == 3; got != want {
			t.Errorf("batch %d of 10 is in memory: %v, want %v", i, got, want)
		}
	}
	runtime.KeepAlive(kept)
	runtime.KeepAlive(p)
}

func TestRecordsOfABatchAreOfTheirOwn(t *testing.T) {
	conv := plan.Converter{Converter: connecttest.Converter{}}
	p := pipeline.New(&plan.Connector{Key: conv, Value: conv}, &counts.Counters{}, noTap(), slog.New(slog.DiscardHandler))
	var got []*connect.SinkRecord
	for i := range 100 {
		r, _, err := p.ToSink(t.Context(), &kgo.Record{Offset: int64(i)})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	for i, r := range got {
		if r.Offset != int64(i) {
			t.Errorf("record %d has offset %d", i, r.Offset)
		}
	}
}
