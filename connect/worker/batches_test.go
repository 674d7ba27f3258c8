package worker_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/kafka/lz4"
	"github.com/suiro/suiro/internal/kafka/rawbatch"
	"github.com/twmb/franz-go/pkg/kgo"
)

// wholeTask has batches and records without end, and says by values which it was asked for.
type wholeTask struct{}

var _ connect.BatchTask = wholeTask{}

func (wholeTask) OffersBatches(config.Values) bool   { return true }
func (wholeTask) UseBatches()                        {}
func (wholeTask) BatchWritten(*connect.Batch, int64) {}

func (wholeTask) Start(context.Context, connect.SourceContext, config.Values) error { return nil }
func (wholeTask) Stop() error                                                       { return nil }
func (wholeTask) Committed(_, _ map[string]any)                                     {}

type at int64

func (a at) SourceOffset() map[string]any { return map[string]any{"at": int64(a)} }

func (wholeTask) PollBatches(ctx context.Context) ([]*connect.Batch, error) {
	_ = backoff.Sleep(ctx, 10*time.Millisecond)
	b := rawbatch.Make([]*kgo.Record{{Value: []byte("batch"), Timestamp: time.Now()}}, lz4.New())
	return []*connect.Batch{{Topic: "out", Bytes: b, Records: 1, Timestamp: time.Now(),
		SourcePartition: map[string]any{"p": "1"}, Position: at(1)}}, nil
}

func (wholeTask) Poll(ctx context.Context) ([]*connect.SourceRecord, error) {
	_ = backoff.Sleep(ctx, 10*time.Millisecond)
	r := &connect.SourceRecord{SourcePartition: map[string]any{"p": "1"}, Position: at(1)}
	r.Topic, r.Value = "out", connect.Decoded(nil, "record")
	r.Key = connect.Decoded(nil, nil)
	return []*connect.SourceRecord{r}, nil
}

func wholePlugins() connect.Plugins {
	return connect.Plugins{
		Sources: []connect.SourcePlugin{{Info: connect.Info{Class: "Whole", Def: config.New()},
			New: func() connect.SourceConnector {
				return connect.SourceOf(func() connect.SourceTask { return wholeTask{} })
			}}},
		Converters: []connect.ConverterPlugin{{Info: connect.Info{Class: "Bytes"},
			New: func(config.Values, bool) (connect.Converter, error) {
				return connecttest.Converter{Fmt: connect.FormatBytes}, nil
			}}},
	}
}

func wholeProps(more ...string) map[string]string {
	props := map[string]string{"name": "whole", "connector.class": "Whole", "key.converter": "Bytes",
		"value.converter": "Bytes"}
	for i := 0; i < len(more); i += 2 {
		props[more[i]] = more[i+1]
	}
	return props
}

// Records are asked for where something means records alone.
func TestBatchesPassWhereNobodyLooksAtRecords(t *testing.T) {
	for name, c := range map[string]struct {
		more []string
		want string
	}{
		"bytes":       {nil, "batch"},
		"a converter": {[]string{"value.converter", "JSON"}, `"record"`},
	} {
		t.Run(name, func(t *testing.T) {
			k := startKafka(t, 1, "out")
			run(t, startWorker(t, k.addr(), wholePlugins(), nil), wholeProps(c.more...))
			if got := string(k.consume("out", 1)[0].Value); got != c.want {
				t.Errorf("the topic has %s, want %s", got, c.want)
			}
		})
	}
}

// A tap shows records, which a task that writes batches has not: it goes on with records at once, and
// nothing has failed.
func TestTapMakesRecordsOfBatches(t *testing.T) {
	for _, guarantee := range []map[string]string{nil, exactlyOnce()} {
		t.Run(fmt.Sprint("exactly once ", guarantee != nil), func(t *testing.T) {
			k := startKafka(t, 1, "out")
			w := startWorker(t, k.addr(), wholePlugins(), guarantee)
			c := run(t, w, wholeProps())
			kafkatest.Eventually(t, "batches", func() bool { return c.Counts().Written > 0 })
			got := w.Tap(t.Context(), "whole", api.TapRequest{Records: 1, Wait: 30 * time.Second})
			if len(got.Stages) == 0 {
				t.Error("the tap shows nothing")
			}
			if n := c.Counts().Restarts; n != 0 {
				t.Errorf("%d restarts, want none, as nothing has failed", n)
			}
		})
	}
}
