package worker_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// kafka is an in-process broker with a client to look into it.
type kafka struct {
	*kfake.Cluster
	t  *testing.T
	cl *kgo.Client
}

func startKafka(t *testing.T, partitions int32, topics ...string) *kafka {
	t.Helper()
	return startKafkaWith(t, kfake.SeedTopics(partitions, topics...))
}

func startKafkaWith(t *testing.T, opts ...kfake.Opt) *kafka {
	t.Helper()
	c := kafkatest.Start(t, opts...)
	return &kafka{c, t, kafkatest.Client(t, c.ListenAddrs(), kgo.RecordPartitioner(kgo.ManualPartitioner()))}
}

func (k *kafka) addr() string { return k.ListenAddrs()[0] }

// produce writes values to partition 0.
func (k *kafka) produce(topic string, values ...string) {
	k.t.Helper()
	for _, v := range values {
		if err := k.cl.ProduceSync(k.t.Context(), &kgo.Record{Topic: topic, Value: []byte(v)}).FirstErr(); err != nil {
			k.t.Fatal(err)
		}
	}
}

// consume returns the first n records of a topic as read_committed shows them.
func (k *kafka) consume(topic string, n int) []*kgo.Record {
	k.t.Helper()
	return kafkatest.Consume(k.t, k.ListenAddrs(), topic, n)
}

func values(records []*kgo.Record) string { return strings.Join(kafkatest.Values(records), " ") }

// committed returns the group's offset of partition 0, -1 without one.
func (k *kafka) committed(group, topic string) int64 {
	k.t.Helper()
	offsets, err := admin(k.cl).FetchOffsets(k.t.Context(), group)
	if err != nil {
		return -1
	}
	o, ok := offsets.Lookup(topic, 0)
	if !ok {
		return -1
	}
	return o.At
}

func workerProps(t *testing.T, addr string, more map[string]string) map[string]string {
	props := map[string]string{
		"bootstrap.servers": addr, "key.converter": "String", "value.converter": "JSON",
		"offset.flush.interval.ms": "50", "offset.storage.file.filename": filepath.Join(t.TempDir(), "offsets"),
		"consumer.heartbeat.interval.ms": "100", "consumer.fetch.max.wait.ms": "50",
	}
	maps.Copy(props, more)
	for k, v := range props {
		if v == "" {
			delete(props, k)
		}
	}
	return props
}

func startWorker(t *testing.T, addr string, plugins connect.Plugins, more map[string]string) *worker.Worker {
	t.Helper()
	return startWorkerWith(t, testLogger(t), addr, plugins, more)
}

func startWorkerWith(t *testing.T, log *slog.Logger, addr string, plugins connect.Plugins, more map[string]string) *worker.Worker {
	t.Helper()
	cfg, err := plan.ParseConfig(workerProps(t, addr, more))
	if err != nil {
		t.Fatal(err)
	}
	plugins.Converters = append(plugins.Converters, testConverters...)
	plugins.Transforms = append(plugins.Transforms, testTransforms...)
	w := worker.New(cfg, plugins, &worker.Options{Logger: log})
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

// connector is a connector with its tasks, as a herder runs them.
type connector struct {
	*worker.Connector
	Tasks  []*worker.Task
	worker *worker.Worker
}

func compile(t testing.TB, w *worker.Worker, props map[string]string) *plan.Connector {
	t.Helper()
	p, errs, err := w.Compile(props)
	if err != nil || len(errs) > 0 {
		t.Fatal(err, errs)
	}
	return p
}

// run starts a connector and its tasks.
func run(t testing.TB, w *worker.Worker, props map[string]string) *connector {
	t.Helper()
	p := compile(t, w, props)
	c, err := w.StartConnector(t.Context(), p, nil)
	if err != nil {
		t.Fatal(err)
	}
	configs, err := c.TaskConfigs()
	if err != nil {
		t.Fatal(err)
	}
	out := &connector{Connector: c, worker: w}
	for id, props := range configs {
		task, err := w.StartTask(p, id, props, nil)
		if err != nil {
			t.Fatal(err)
		}
		out.Tasks = append(out.Tasks, task)
	}
	return out
}

func startConnector(t *testing.T, w *worker.Worker, props map[string]string) *connector {
	t.Helper()
	c := run(t, w, props)
	t.Cleanup(func() { stop(t, c) })
	return c
}

func stop(t *testing.T, c *connector) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := c.Stop(ctx); err != nil {
		t.Errorf("stop %s: %v", c.Plan.Name, err)
	}
}

// Stop stops the tasks and then the connector, once.
func (c *connector) Stop(ctx context.Context) error {
	if c.worker == nil {
		return nil
	}
	err := errors.Join(c.worker.StopTasks(ctx, c.Tasks), c.Connector.Stop(ctx), c.Plan.Close())
	c.worker = nil
	return err
}

// Counts adds up those of the tasks.
func (c *connector) Counts() worker.Counts {
	sum := c.Tasks[0].Counts()
	for _, t := range c.Tasks[1:] {
		sum = sum.Plus(t.Counts())
	}
	return sum
}

var testConverters = []connect.ConverterPlugin{
	{Info: connect.Info{Class: "String"}, New: func(config.Values, bool) (connect.Converter, error) {
		return connecttest.Converter{Fmt: connect.FormatString}, nil
	}},
	{Info: connect.Info{Class: "JSON", Def: config.New(config.Key{Name: "schemas.enable", Type: config.Boolean, Default: false})},
		New: func(config.Values, bool) (connect.Converter, error) {
			return connecttest.Converter{Fmt: connect.FormatJSON}, nil
		}},
}

// dropOdd drops records whose field n is odd, and so decodes the value.
type dropOdd struct{}

func (dropOdd) Apply(r *connect.Record) (*connect.Record, error) {
	_, v, err := r.Value.Decode()
	if err != nil {
		return nil, err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("value is a %T, want an object", v)
	}
	var n int
	if _, err := fmt.Sscan(fmt.Sprint(m["n"]), &n); err != nil {
		return nil, fmt.Errorf("field n: %w", err)
	}
	if n%2 == 1 {
		return nil, nil
	}
	return r, nil
}

// onlyNumbers fails where dropOdd does, and drops nothing.
type onlyNumbers struct{}

func (onlyNumbers) Apply(r *connect.Record) (*connect.Record, error) {
	_, err := dropOdd{}.Apply(r)
	return r, err
}

// unready fails with a retriable error, as a transform that needs an outside
// system does.
type unready struct{}

func (unready) Apply(*connect.Record) (*connect.Record, error) {
	return nil, connect.Retriable(errors.New("nobody answers"))
}

// renew gives a record another key, value and time.
type renew struct{}

func (renew) Apply(r *connect.Record) (*connect.Record, error) {
	next := *r
	next.Key, next.Value = connect.Decoded(nil, "new"), connect.Decoded(nil, map[string]any{"new": true})
	next.Headers, next.Timestamp = nil, time.Now()
	return &next, nil
}

// nested fails as a parser does that adds the place at every level of a record that
// is nested 20,000 times: each of the errors that it wraps has a text that is longer
// by a word, so that all texts together have gigabytes.
type nested struct{}

func (nested) Apply(*connect.Record) (*connect.Record, error) { return nil, atLevel(20_000) }

type atLevel int

var levels = "decode json: " + strings.Repeat("field a: ", 60_000)

func (l atLevel) Error() string { return levels[:len(levels)*int(l)/20_000] }
func (l atLevel) Unwrap() error {
	if l == 1 {
		return nil
	}
	return l - 1
}

var testTransforms = []connect.TransformPlugin{
	{Info: connect.Info{Class: "Nested"}, New: func(config.Values) (connect.Transform, error) { return nested{}, nil }},
	{Info: connect.Info{Class: "Split"}, New: func(config.Values) (connect.Transform, error) { return split{}, nil }},
	{Info: connect.Info{Class: "Renew"}, New: func(config.Values) (connect.Transform, error) { return renew{}, nil }},
	{Info: connect.Info{Class: "Unready"}, New: func(config.Values) (connect.Transform, error) { return unready{}, nil }},
	{Info: connect.Info{Class: "OnlyNumbers"}, New: func(config.Values) (connect.Transform, error) { return onlyNumbers{}, nil }},
	{Info: connect.Info{Class: "DropOdd"}, New: func(config.Values) (connect.Transform, error) { return dropOdd{}, nil }},
}

// sink is a sink connector whose tasks all write into one place.
type sink struct {
	tasks int
	plans []map[string]string // instead of tasks

	mu       sync.Mutex
	got      []string // "offset:value"
	calls    int      // of Put
	opened   []connect.TopicPartition
	closed   []connect.TopicPartition
	lost     int
	stopped  atomic.Int64 // of the connector, how often
	answered atomic.Int64 // questions what is safe
	context  connect.SinkContext

	// put and preCommit replace what the task does.
	put       func(s *sink, records []*connect.SinkRecord) error
	preCommit func(s *sink, current connect.Offsets) (connect.Offsets, error)
	open      func(s *sink, partitions []connect.TopicPartition) error
	// start is called as a task starts, unless it is nil.
	start func()
	// waiting is why the task waits, nil for no reason.
	waiting atomic.Pointer[error]
}

func (s *sink) plugin() connect.Plugins {
	return connect.Plugins{Sinks: []connect.SinkPlugin{{
		Info: connect.Info{Class: "TestSink", Version: "1", Def: config.New(config.Key{Name: "own", Type: config.Int, Default: 1})},
		New:  func() connect.SinkConnector { return s },
	}}}
}

func (s *sink) Start(context.Context, config.Values) error { return nil }
func (s *sink) TaskConfigs(int) ([]map[string]string, error) {
	if s.plans != nil {
		return s.plans, nil
	}
	return connect.SameConfig(max(s.tasks, 1)), nil
}
func (s *sink) Stop() error {
	s.stopped.Add(1)
	return nil
}
func (s *sink) NewTask() connect.SinkTask { return &sinkTask{s: s} }

func (s *sink) values() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.got...)
}

type sinkTask struct{ s *sink }

func (t *sinkTask) Waiting() error {
	if why := t.s.waiting.Load(); why != nil {
		return *why
	}
	return nil
}

func (t *sinkTask) Start(_ context.Context, tc connect.SinkContext, _ config.Values) error {
	if t.s.start != nil {
		t.s.start()
	}
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	t.s.context = tc
	promauto.With(tc.Metrics()).NewCounter(prometheus.CounterOpts{Name: "test_starts_total"}).Inc()
	return nil
}

func (t *sinkTask) Open(_ context.Context, partitions []connect.TopicPartition) error {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	t.s.opened = append(t.s.opened, partitions...)
	if t.s.open != nil {
		return t.s.open(t.s, partitions)
	}
	return nil
}

func (t *sinkTask) Put(_ context.Context, records []*connect.SinkRecord) error {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	t.s.calls++
	if t.s.put != nil {
		return t.s.put(t.s, records)
	}
	return t.s.keep(records)
}

// keep decodes and notes records, and reports those it cannot decode.
func (s *sink) keep(records []*connect.SinkRecord) error {
	for _, r := range records {
		if _, _, err := r.Value.Decode(); err != nil {
			if err := s.context.Report(r, err, nil); err != nil {
				return err
			}
			continue
		}
		s.got = append(s.got, fmt.Sprintf("%d:%s", r.Offset, r.Value.Bytes()))
	}
	return nil
}

func (t *sinkTask) PreCommit(_ context.Context, current connect.Offsets) (connect.Offsets, error) {
	t.s.answered.Add(1)
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	if t.s.preCommit != nil {
		return t.s.preCommit(t.s, current)
	}
	return current, nil
}

func (t *sinkTask) Close(_ context.Context, partitions []connect.TopicPartition, lost bool) error {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	t.s.closed = append(t.s.closed, partitions...)
	if lost {
		t.s.lost++
	}
	return nil
}

func (t *sinkTask) Stop() error { return nil }

// source is a source connector that hands out numbered values once.
type source struct {
	mu        sync.Mutex
	values    []string
	batch     int
	follow    bool // wait for more instead of ending
	topic     string
	committed []int64
	// poll may fail before a batch; it gets the position.
	poll func(tc connect.SourceContext, position int64) error
	// edit changes a record before it is returned; it may be nil.
	edit func(*connect.SourceRecord) *connect.SourceRecord
}

func (s *source) plugin() connect.Plugins {
	return connect.Plugins{Sources: []connect.SourcePlugin{{
		Info: connect.Info{Class: "TestSource", Version: "1"},
		New:  func() connect.SourceConnector { return s },
	}}}
}

func (s *source) Start(context.Context, config.Values) error   { return nil }
func (s *source) TaskConfigs(int) ([]map[string]string, error) { return []map[string]string{{}}, nil }
func (s *source) Stop() error                                  { return nil }
func (s *source) NewTask() connect.SourceTask                  { return &sourceTask{s: s} }
func (s *source) kept() []int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]int64(nil), s.committed...)
}

type sourceTask struct {
	s    *source
	tc   connect.SourceContext
	next int64
}

var sourcePartition = map[string]any{"filename": "test"}

func (t *sourceTask) Start(ctx context.Context, tc connect.SourceContext, _ config.Values) error {
	t.tc = tc
	offset, err := tc.Offset(ctx, sourcePartition)
	if err != nil {
		return err
	}
	t.next, _ = offset["position"].(int64)
	return nil
}

func (t *sourceTask) Poll(ctx context.Context) ([]*connect.SourceRecord, error) {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	if t.s.poll != nil {
		if err := t.s.poll(t.tc, t.next); err != nil {
			return nil, err
		}
	}
	var out []*connect.SourceRecord
	for int(t.next) < len(t.s.values) && len(out) < max(t.s.batch, 1) {
		out = append(out, t.record())
		t.next++
	}
	if len(out) > 0 {
		return out, nil
	}
	if !t.s.follow {
		return nil, connect.ErrEndOfInput
	}
	t.s.mu.Unlock()
	defer t.s.mu.Lock()
	select {
	case <-ctx.Done():
	case <-time.After(20 * time.Millisecond):
	}
	return nil, nil
}

func (t *sourceTask) record() *connect.SourceRecord {
	r := &connect.SourceRecord{
		Record:          connect.Record{Topic: t.s.topic, Value: value(t.s.values[t.next])},
		SourcePartition: sourcePartition, SourceOffset: map[string]any{"position": t.next + 1},
	}
	if t.s.edit != nil {
		r = t.s.edit(r)
	}
	return r
}

// value is JSON text as a value; text that is not JSON fails in the converter.
func value(text string) connect.Payload {
	if !strings.HasPrefix(text, "{") {
		return connect.Decoded(nil, func() {})
	}
	return connect.Undecoded("", []byte(text), connecttest.Converter{Fmt: connect.FormatJSON})
}

func (t *sourceTask) Committed(_, offset map[string]any) {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	position, _ := offset["position"].(int64)
	t.s.committed = append(t.s.committed, position)
}

func (t *sourceTask) Stop() error { return nil }
