package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/group"
	"github.com/suiro/suiro/connect/herder/standalone"
	"github.com/suiro/suiro/connect/metrics"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// certificates are those of a worker that speaks HTTPS.
var certificates = metrics.Certificates{"listeners": func() time.Time { return time.Unix(1_900_000_000, 0) }}

// page is what Prometheus gets.
func page(t *testing.T, w metrics.Worker) string {
	t.Helper()
	r := httptest.NewRecorder()
	metrics.Handler(w, certificates).ServeHTTP(r, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if r.Code != http.StatusOK {
		t.Fatalf("GET /metrics = %d: %s", r.Code, r.Body)
	}
	return r.Body.String()
}

// has reports whether a page has all the lines.
func has(page string, lines ...string) bool {
	for _, l := range lines {
		if !strings.Contains(page, "\n"+l+"\n") {
			return false
		}
	}
	return true
}

// start starts a worker on an embedded Kafka with topics of one partition.
func start(t *testing.T, plugins connect.Plugins, topics ...string) (*standalone.Herder, []string) {
	t.Helper()
	k := kafkatest.Start(t, kfake.SeedTopics(1, topics...))
	cfg, err := plan.ParseConfig(map[string]string{"bootstrap.servers": k.ListenAddrs()[0], "key.converter": "Text",
		"value.converter": "Text", "offset.flush.interval.ms": "20", "consumer.fetch.max.wait.ms": "50",
		"offset.storage.file.filename": filepath.Join(t.TempDir(), "offsets")})
	if err != nil {
		t.Fatal(err)
	}
	plugins.Converters = []connect.ConverterPlugin{{Info: connect.Info{Class: "Text"},
		New: func(config.Values, bool) (connect.Converter, error) {
			return connecttest.Converter{Fmt: connect.FormatString}, nil
		}}}
	plugins.Transforms = []connect.TransformPlugin{{Info: connect.Info{Class: "Same", Version: "8"},
		New: func(config.Values) (connect.Transform, error) { return same{}, nil }}}
	plugins.Predicates = []connect.PredicatePlugin{{Info: connect.Info{Class: "Always"},
		New: func(config.Values) (connect.Predicate, error) { return same{}, nil }}}
	h, err := standalone.New(cfg, plugins, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Stop(context.Background()); err != nil {
			t.Errorf("Stop: %v", err)
		}
	})
	return h, k.ListenAddrs()
}

// same is a transform that changes nothing, and a predicate that holds for all records.
type same struct{}

func (same) Apply(r *connect.Record) (*connect.Record, error) { return r, nil }
func (same) Test(*connect.Record) (bool, error)               { return true, nil }

func put(t *testing.T, h *standalone.Herder, name string, props ...string) {
	t.Helper()
	config := map[string]string{"errors.restart.delay.ms": "1", "errors.restart.delay.max.ms": "1"}
	for i := 0; i < len(props); i += 2 {
		config[props[i]] = props[i+1]
	}
	if _, _, err := h.Put(t.Context(), name, config, ""); err != nil {
		t.Fatal(err)
	}
}

// sink is a connector and its task. What it is told to do is said by the values of
// records: "bad" is reported, "away" is tried again until it is back, "broken" ends a
// life once.
type sink struct {
	connect.SinkTask
	back     atomic.Bool
	broke    atomic.Bool
	metrics  func(prometheus.Registerer)
	mu       sync.Mutex // guards the context
	received connect.SinkContext
}

func (s *sink) plugin() connect.SinkPlugin {
	return connect.SinkPlugin{Info: connect.Info{Class: "TestSink"}, New: func() connect.SinkConnector { return sinkConnector{s} }}
}

type sinkConnector struct{ s *sink }

func (sinkConnector) Start(context.Context, config.Values) error   { return nil }
func (sinkConnector) TaskConfigs(int) ([]map[string]string, error) { return connect.SameConfig(1), nil }
func (sinkConnector) Stop() error                                  { return nil }
func (c sinkConnector) NewTask() connect.SinkTask                  { return c.s }

func (s *sink) Start(_ context.Context, tc connect.SinkContext, _ config.Values) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.received = tc
	if s.metrics != nil {
		s.metrics(tc.Metrics())
	}
	return nil
}

func (*sink) Open(context.Context, []connect.TopicPartition) error        { return nil }
func (*sink) Close(context.Context, []connect.TopicPartition, bool) error { return nil }
func (*sink) Stop() error                                                 { return nil }
func (*sink) PreCommit(_ context.Context, o connect.Offsets) (connect.Offsets, error) {
	return o, nil
}

func (s *sink) Put(_ context.Context, records []*connect.SinkRecord) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range records {
		if text := string(r.Value.Bytes()); text == "away" && !s.back.Load() {
			return connect.Retriable(errors.New("nobody answers"))
		} else if text == "broken" && s.broke.CompareAndSwap(false, true) {
			return errors.New("disk on fire")
		}
	}
	for _, r := range records {
		if string(r.Value.Bytes()) == "bad" {
			if err := s.received.Report(r, errors.New("refused"), nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// source hands out the values and then waits.
type source struct{ values []string }

func (s source) plugin() connect.SourcePlugin {
	return connect.SourcePlugin{Info: connect.Info{Class: "TestSource", Version: "7"}, New: func() connect.SourceConnector { return s }}
}

func (source) Start(context.Context, config.Values) error   { return nil }
func (source) TaskConfigs(int) ([]map[string]string, error) { return connect.SameConfig(1), nil }
func (source) Stop() error                                  { return nil }
func (s source) NewTask() connect.SourceTask                { return &sourceTask{values: s.values} }

type sourceTask struct{ values []string }

func (*sourceTask) Start(context.Context, connect.SourceContext, config.Values) error { return nil }
func (*sourceTask) Committed(_, _ map[string]any)                                     {}
func (*sourceTask) Stop() error                                                       { return nil }
func (t *sourceTask) Poll(context.Context) ([]*connect.SourceRecord, error) {
	if len(t.values) == 0 {
		return nil, connect.ErrEndOfInput
	}
	out := make([]*connect.SourceRecord, len(t.values))
	for i, v := range t.values {
		out[i] = &connect.SourceRecord{SourcePartition: map[string]any{"file": "in"}, SourceOffset: map[string]any{"line": i}}
		out[i].Topic, out[i].Value = "lines", connect.Decoded(nil, v)
		if v == "lost" {
			out[i].Topic = ""
		}
	}
	t.values = nil
	return out, nil
}

// Every kind of event is provoked once, and counted once.
func TestWhatHappensIsCounted(t *testing.T) {
	s := &sink{}
	h, brokers := start(t, connect.Plugins{Sinks: []connect.SinkPlugin{s.plugin()},
		Sources: []connect.SourcePlugin{source{[]string{"a", "b", "lost"}}.plugin()}}, "lines", "in", "bad")
	put(t, h, "src", "connector.class", "TestSource", "errors.tolerance", "all", "transforms", "same",
		"transforms.same.type", "Same", "transforms.same.predicate", "all", "predicates", "all", "predicates.all.type", "Always")
	put(t, h, "snk", "connector.class", "TestSink", "topics", "in", "errors.tolerance", "all",
		"errors.deadletterqueue.topic.name", "bad")
	produce(t, brokers, "a", "bad", "broken")
	waitFor(t, h, `kafka_connect_sink_task_metrics_sink_record_lag{connector="snk",partition="0",task="0",topic="in"} 0`,
		`kafka_connect_connector_task_metrics_restart_total{connector="snk",task="0"} 1`,
		`kafka_connect_task_error_metrics_deadletterqueue_produce_requests_total{connector="snk",task="0"} 1`)
	waitFor(t, h, `kafka_connect_connector_task_metrics_status{connector="snk",status="running",task="0"} 1`,
		`kafka_connect_source_task_metrics_source_record_active{connector="src",task="0"} 0`,
		`kafka_connect_source_task_metrics_offset_commit_completion_total{connector="src",task="0"} 1`)
	for _, want := range []string{
		`kafka_connect_worker_metrics_brokers_reachable 1`,
		`kafka_connect_worker_metrics_connectors 2`,
		`kafka_connect_worker_metrics_tasks 2`,
		`kafka_connect_worker_metrics_failed_tasks 0`,
		`kafka_connect_worker_metrics_connector_startup_attempts_total 2`,
		`kafka_connect_worker_metrics_connector_startup_success_total 2`,
		`kafka_connect_worker_metrics_task_startup_attempts_total 3`, // one after a failure
		`kafka_connect_worker_metrics_task_startup_success_total 3`,
		`kafka_connect_worker_metrics_task_startup_failure_total 0`,
		`kafka_connect_connector_metrics_info{connector="src",connector_class="TestSource",connector_type="source",connector_version="7"} 1`,
		`kafka_connect_connector_transform_metrics_info{connector="src",task="0",transform="same",transform_class="Same",transform_version="8"} 1`,
		`kafka_connect_connector_predicate_metrics_info{connector="src",predicate="all",predicate_class="Always",predicate_version="",task="0"} 1`,
		`kafka_connect_connector_task_metrics_batch_size_bucket{connector="src",task="0",le="10"} 1`,
		`kafka_connect_connector_task_metrics_pause_ratio{connector="src",task="0"} 0`,
		`kafka_connect_source_task_metrics_source_record_write_seconds_count{connector="src",task="0"} 1`,
		`kafka_connect_source_task_metrics_source_record_e2e_latency_seconds_count{connector="src",task="0"} 1`,
		`kafka_connect_source_task_metrics_source_record_age_seconds_count{connector="src",task="0"} 0`, // without timestamps
		`kafka_connect_source_task_metrics_transaction_size_count{connector="src",task="0"} 0`,
		`kafka_connect_task_error_metrics_record_errors_total{connector="src",task="0"} 0`,
		`kafka_connect_task_error_metrics_errors_logged_total{connector="src",task="0"} 0`,

		`kafka_connect_worker_metrics_connector_tasks{connector="snk",status="running"} 1`,
		`kafka_connect_worker_metrics_connector_tasks{connector="snk",status="failed"} 0`,
		`kafka_connect_connector_metrics_status{connector="src",status="running"} 1`,
		`kafka_connect_connector_metrics_status{connector="src",status="failed"} 0`,
		`kafka_connect_connector_metrics_restart_total{connector="src"} 0`,
		`kafka_connect_connector_task_metrics_status{connector="snk",status="failed",task="0"} 0`,

		`kafka_connect_source_task_metrics_source_record_poll_total{connector="src",task="0"} 3`,
		`kafka_connect_source_task_metrics_source_record_write_total{connector="src",task="0",topic="lines"} 2`,
		`kafka_connect_source_task_metrics_source_record_write_bytes_total{connector="src",task="0"} 2`,
		`kafka_connect_source_task_metrics_poll_batch_seconds_count{connector="src",task="0"} 1`,
		`kafka_connect_connector_task_metrics_convert_batch_seconds_count{connector="src",task="0"} 1`,
		`kafka_connect_connector_task_metrics_offset_commit_seconds_count{connector="src",task="0"} 1`,
		`kafka_connect_task_error_metrics_record_failures_total{connector="src",stage="KAFKA_PRODUCE",task="0"} 1`,
		`kafka_connect_task_error_metrics_record_failures_total{connector="src",stage="TASK_POLL",task="0"} 0`,
		`kafka_connect_task_error_metrics_records_skipped_total{connector="src",task="0"} 1`,
		`kafka_connect_task_error_metrics_retries_total{connector="src",task="0"} 0`,

		`kafka_connect_sink_task_metrics_sink_record_position_lag{connector="snk",partition="0",task="0",topic="in"} 0`,
		`kafka_connect_sink_task_metrics_partitions{connector="snk",task="0"} 1`,
		`kafka_connect_sink_task_metrics_paused_seconds_total{connector="snk",task="0"} 0`,
		`kafka_connect_task_error_metrics_record_failures_total{connector="snk",stage="TASK_PUT",task="0"} 1`,
		`kafka_connect_task_error_metrics_record_failures_total{connector="snk",stage="VALUE_CONVERTER",task="0"} 0`,
		`kafka_connect_task_error_metrics_deadletterqueue_produce_failures_total{connector="snk",task="0"} 0`,
	} {
		if got := page(t, h); !has(got, want) {
			t.Errorf("/metrics lacks %s; it has\n%s", want, alike(got, want))
		}
	}
	for _, name := range []string{"sink_record_age_seconds_count", "sink_record_e2e_latency_seconds_count"} {
		name = "kafka_connect_sink_task_metrics_" + name
		if got := page(t, h); !strings.Contains(got, name) || has(got, name+`{connector="snk",task="0"} 0`) {
			t.Errorf("records were read and committed, and /metrics has\n%s", alike(got, name))
		}
	}
}

// alike are the lines of a page with the metric of a line.
func alike(page, line string) string {
	name, _, _ := strings.Cut(line, "{")
	var out []string
	for l := range strings.Lines(page) {
		if strings.HasPrefix(l, name) {
			out = append(out, l)
		}
	}
	return strings.Join(out, "")
}

func produce(t *testing.T, brokers []string, values ...string) {
	t.Helper()
	var records []*kgo.Record
	for _, v := range values {
		records = append(records, &kgo.Record{Topic: "in", Value: []byte(v)})
	}
	kafkatest.Produce(t, brokers, records...)
}

func waitFor(t *testing.T, h *standalone.Herder, lines ...string) {
	t.Helper()
	kafkatest.Eventually(t, strings.Join(lines, " and "), func() bool { return has(page(t, h), lines...) })
}

// While an outside system is away, nothing is committed: the lag is that, and it
// grows with what is written meanwhile although nothing is read.
func TestLagGrowsThroughAnOutage(t *testing.T) {
	s := &sink{}
	h, brokers := start(t, connect.Plugins{Sinks: []connect.SinkPlugin{s.plugin()}}, "in")
	put(t, h, "snk", "connector.class", "TestSink", "topics", "in", "errors.retry.delay.max.ms", "20")
	produce(t, brokers, "a")
	const lag = `kafka_connect_sink_task_metrics_sink_record_lag{connector="snk",partition="0",task="0",topic="in"} `
	waitFor(t, h, lag+"0", `kafka_connect_sink_task_metrics_sink_record_send_total{connector="snk",task="0"} 1`)
	produce(t, brokers, "away")
	waitFor(t, h, lag+"1")
	produce(t, brokers, "b", "c")
	waitFor(t, h, lag+"3")
	if got := page(t, h); has(got, `kafka_connect_task_error_metrics_retries_total{connector="snk",task="0"} 0`) {
		t.Errorf("retries are 0 while puts are tried again:\n%s", alike(got, "kafka_connect_task_error_metrics_retries_total"))
	}
	s.back.Store(true)
	waitFor(t, h, lag+"0")
}

func TestThePageIsWhatPrometheusWants(t *testing.T) {
	s := &sink{metrics: func(r prometheus.Registerer) {
		r.MustRegister(prometheus.NewCounter(prometheus.CounterOpts{Name: "test_sink_documents_total", Help: "Documents written."}))
	}}
	h, _ := start(t, connect.Plugins{Sinks: []connect.SinkPlugin{s.plugin()},
		Sources: []connect.SourcePlugin{source{[]string{"a"}}.plugin()}}, "lines", "in")
	put(t, h, "src", "connector.class", "TestSource", "transforms", "same", "transforms.same.type", "Same",
		"transforms.same.predicate", "all", "predicates", "all", "predicates.all.type", "Always")
	put(t, h, "snk", "connector.class", "TestSink", "topics", "in")
	waitFor(t, h, `test_sink_documents_total{connector="snk",task="0"} 0`,
		`kafka_connect_sink_task_metrics_partitions{connector="snk",task="0"} 1`,
		`kafka_connect_source_task_metrics_source_record_write_total{connector="src",task="0",topic="lines"} 1`)
	got := page(t, h)
	problems, err := promlint.New(strings.NewReader(got)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	for _, m := range alone() {
		if head := fmt.Sprintf("# HELP %s %s\n# TYPE %s %s\n", m.Name, m.Help, m.Name, m.Type); !strings.Contains(got, head) {
			t.Errorf("/metrics lacks %s", head)
		}
	}
	for _, name := range []string{"go_goroutines", "process_cpu_seconds_total", "suiro_build_info", "promhttp_metric_handler_errors_total"} {
		if !strings.Contains(got, "\n"+name) {
			t.Errorf("/metrics lacks %s", name)
		}
	}
}

// alone are the metrics of a worker that is in no group.
func alone() []metrics.Metric {
	out := metrics.List()
	for _, m := range append(worker.OwnMetrics(), worker.Metrics()...) {
		out = append(out, metrics.Metric(m))
	}
	return out
}

// all are the metrics that the page of metrics has.
func all() []metrics.Metric {
	out := alone()
	for _, m := range group.Metrics() {
		out = append(out, metrics.Metric(m))
	}
	return out
}

// Nothing is shown that the list, and so its page, does not have.
func TestTheListIsComplete(t *testing.T) {
	s := &sink{}
	h, _ := start(t, connect.Plugins{Sinks: []connect.SinkPlugin{s.plugin()}}, "in")
	put(t, h, "snk", "connector.class", "TestSink", "topics", "in")
	var listed []string
	for _, m := range all() {
		listed = append(listed, m.Name)
	}
	for line := range strings.Lines(page(t, h)) {
		name, ok := strings.CutPrefix(line, "# TYPE ")
		name, _, _ = strings.Cut(name, " ")
		ofProcess := slices.ContainsFunc([]string{"go_", "process_", "promhttp_", "suiro_"}, func(prefix string) bool {
			return strings.HasPrefix(name, prefix)
		})
		if ok && !ofProcess && !slices.Contains(listed, name) {
			t.Errorf("%s is shown and not listed", name)
		}
	}
}

// A task that uses a name of the worker fails and says so. It costs no other metric.
func TestATaskMustNotUseTheWorkersNames(t *testing.T) {
	const name = "kafka_connect_sink_task_metrics_put_batch_seconds"
	s := &sink{metrics: func(r prometheus.Registerer) {
		r.MustRegister(prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: "Mine."}))
	}}
	h, _ := start(t, connect.Plugins{Sinks: []connect.SinkPlugin{s.plugin()}}, "in")
	put(t, h, "snk", "connector.class", "TestSink", "topics", "in")
	waitFor(t, h, `kafka_connect_worker_metrics_failed_tasks 1`)
	status, err := h.Status(t.Context(), "snk")
	if err != nil {
		t.Fatal(err)
	}
	if got := status.Tasks[0].Trace; !strings.Contains(got, "register a metric of class TestSink: "+name) {
		t.Errorf("trace = %s, want class and name", got)
	}
	if got := page(t, h); !has(got, `kafka_connect_connector_task_metrics_restart_total{connector="snk",task="0"} 0`) ||
		!has(got, name+`_count{connector="snk",task="0"} 0`) {
		t.Errorf("/metrics has\n%s%s\nwant no restart, and the worker's own", alike(got, name), alike(got, "kafka_connect_connector_task"))
	}
}
