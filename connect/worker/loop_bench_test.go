package worker_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// The benchmarks run whole tasks over an embedded Kafka, because the way of a
// record through the runtime is what they are about: ns/record is what a record
// of 100 bytes costs between Kafka and a task that does nothing.
const loopRecords = 100_000

var loopValue = []byte(fmt.Sprintf(`{"n":0,"text":%q}`, make([]byte, 20)))

func startLoop(b *testing.B, plugins connect.Plugins) (*worker.Worker, *kfake.Cluster) {
	c := kafkatest.Start(b, kfake.SeedTopics(1, "lines"))
	cfg, err := plan.ParseConfig(map[string]string{"bootstrap.servers": c.ListenAddrs()[0], "key.converter": "String",
		"value.converter": "JSON", "offset.storage.file.filename": filepath.Join(b.TempDir(), "offsets"),
		"consumer.max.poll.records": "4000", "consumer.max.partition.fetch.bytes": "16777216"})
	if err != nil {
		b.Fatal(err)
	}
	plugins.Converters = testConverters
	w := worker.New(cfg, plugins, &worker.Options{Logger: slog.New(slog.DiscardHandler)})
	if err := w.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = w.Close() })
	return w, c
}

// loop runs a connector until done, once an iteration.
func loop(b *testing.B, w *worker.Worker, props func(i int) map[string]string, done func(*connector) <-chan struct{}) {
	b.ReportAllocs()
	b.SetBytes(int64(loopRecords * len(loopValue)))
	i := 0
	for b.Loop() {
		i++
		c := run(b, w, props(i))
		<-done(c)
		if err := c.Stop(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(i)/loopRecords, "ns/record")
}

func BenchmarkSinkLoop(b *testing.B) {
	s := &idleSink{}
	w, cluster := startLoop(b, connect.Plugins{Sinks: []connect.SinkPlugin{{Info: connect.Info{Class: "TestSink"},
		New: func() connect.SinkConnector { return s }}}})
	records := make([]*kgo.Record, loopRecords)
	for i := range records {
		records[i] = &kgo.Record{Topic: "lines", Value: loopValue}
	}
	kafkatest.Produce(b, cluster.ListenAddrs(), records...)
	loop(b, w, func(i int) map[string]string {
		s.left.Store(loopRecords)
		s.done = make(chan struct{})
		return map[string]string{"name": fmt.Sprint("sink", i), "connector.class": "TestSink", "topics": "lines"}
	}, func(*connector) <-chan struct{} { return s.done })
}

// idleSink is a sink connector and its task, which counts records.
type idleSink struct {
	connect.SinkTask
	left atomic.Int64
	done chan struct{}
}

func (s *idleSink) Start(context.Context, config.Values) error   { return nil }
func (s *idleSink) TaskConfigs(int) ([]map[string]string, error) { return connect.SameConfig(1), nil }
func (s *idleSink) Stop() error                                  { return nil }
func (s *idleSink) NewTask() connect.SinkTask                    { return idleSinkTask{s} }

type idleSinkTask struct{ *idleSink }

func (idleSinkTask) Start(context.Context, connect.SinkContext, config.Values) error { return nil }
func (idleSinkTask) Open(context.Context, []connect.TopicPartition) error            { return nil }
func (idleSinkTask) Close(context.Context, []connect.TopicPartition, bool) error     { return nil }
func (idleSinkTask) Stop() error                                                     { return nil }
func (idleSinkTask) PreCommit(_ context.Context, o connect.Offsets) (connect.Offsets, error) {
	return o, nil
}

func (t idleSinkTask) Put(_ context.Context, records []*connect.SinkRecord) error {
	if len(records) > 0 && t.left.Add(-int64(len(records))) == 0 {
		close(t.done)
	}
	return nil
}

func BenchmarkSourceLoop(b *testing.B) {
	s := &busySource{}
	w, _ := startLoop(b, connect.Plugins{Sources: []connect.SourcePlugin{{Info: connect.Info{Class: "TestSource"},
		New: func() connect.SourceConnector { return s }}}})
	loop(b, w, func(i int) map[string]string {
		s.done = make(chan struct{})
		return map[string]string{"name": fmt.Sprint("source", i), "connector.class": "TestSource"}
	}, func(*connector) <-chan struct{} { return s.done })
}

// busySource is a source connector whose task has records as fast as the loop
// takes them.
type busySource struct{ done chan struct{} }

func (s *busySource) Start(context.Context, config.Values) error   { return nil }
func (s *busySource) TaskConfigs(int) ([]map[string]string, error) { return connect.SameConfig(1), nil }
func (s *busySource) Stop() error                                  { return nil }
func (s *busySource) NewTask() connect.SourceTask                  { return &busySourceTask{s: s} }

type busySourceTask struct {
	s    *busySource
	next int64
}

func (t *busySourceTask) Start(context.Context, connect.SourceContext, config.Values) error {
	return nil
}
func (t *busySourceTask) Stop() error { return nil }

// Committed ends the iteration once everything has arrived.
func (t *busySourceTask) Committed(_, offset map[string]any) {
	if offset["position"] == int64(loopRecords) {
		close(t.s.done)
	}
}

func (t *busySourceTask) Poll(context.Context) ([]*connect.SourceRecord, error) {
	if t.next == loopRecords {
		return nil, connect.ErrEndOfInput
	}
	out := make([]*connect.SourceRecord, 500)
	for i := range out {
		t.next++
		out[i] = &connect.SourceRecord{
			Record:          connect.Record{Topic: "lines", Value: value(string(loopValue))},
			SourcePartition: sourcePartition, SourceOffset: map[string]any{"position": t.next},
		}
	}
	return out, nil
}
