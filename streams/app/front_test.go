package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/topology"
)

// journal is what an app logs.
type journal struct {
	mu    sync.Mutex
	lines []string
}

// Write implements io.Writer; it gets a line at a time.
func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, string(bytes.TrimSpace(line)))
	return len(line), nil
}

// with returns the lines that contain all the words.
func (j *journal) with(words ...string) (out []string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, l := range j.lines {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(l, w) }) {
			out = append(out, l)
		}
	}
	return out
}

// watched is an app that runs, and what it logs.
type watched struct {
	*app.App
	t    *testing.T
	log  *journal
	stop context.CancelFunc
	done chan error
}

// watch makes an app that logs at level info; Run is for run.
func watch(t *testing.T, topo *topology.Topology, brokers []string, props map[string]string) *watched {
	t.Helper()
	all := map[string]string{
		"application.id": "front", "bootstrap.servers": strings.Join(brokers, ","), "state.dir": t.TempDir(),
		"session.timeout.ms": "6000", "heartbeat.interval.ms": "200",
	}
	maps.Copy(all, props)
	w := &watched{t: t, log: &journal{}, done: make(chan error, 1)}
	var err error
	w.App, err = app.New(topo, all, &app.Options{Logger: slog.New(slog.NewTextHandler(w.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *watched) run() {
	ctx, cancel := context.WithCancel(context.Background())
	w.stop = cancel
	go func() { w.done <- w.Run(ctx) }()
	w.t.Cleanup(func() { cancel() })
}

func (w *watched) end() error {
	w.stop()
	return <-w.done
}

func (w *watched) until(s app.State) {
	w.t.Helper()
	kafkatest.Eventually(w.t, "the app is "+s.String(), func() bool { return w.State() == s })
}

// get asks a path, and returns the status and the answer.
func (w *watched) get(path string) (int, map[string]any) {
	w.t.Helper()
	r := httptest.NewRecorder()
	w.Handler().ServeHTTP(r, httptest.NewRequest("GET", path, nil))
	var body map[string]any
	if err := json.Unmarshal(r.Body.Bytes(), &body); err != nil {
		w.t.Fatalf("GET %s: %v: %s", path, err, r.Body)
	}
	return r.Code, body
}

// shows checks /health and /ready.
func (w *watched) shows(when string, health int, status, state string, ready int, words ...string) {
	w.t.Helper()
	code, h := w.get("/health")
	if code != health || h["status"] != status || h["state"] != state {
		w.t.Errorf("%s: /health is %d %v, want %d, %s and %s", when, code, h, health, status, state)
	}
	code, r := w.get("/ready")
	if code != ready || r["ready"] != (ready == 200) {
		w.t.Errorf("%s: /ready is %d %v, want %d", when, code, r, ready)
	}
	text := fmt.Sprint(h["message"], r["reasons"])
	for _, word := range words {
		if !strings.Contains(text, word) {
			w.t.Errorf("%s: it says %q, want %q", when, text, word)
		}
	}
}

func TestStatesFromTheBeginningToTheEnd(t *testing.T) {
	w := watch(t, upper(t), cluster(t, "in", "out"), nil)
	w.shows("before Run", 503, "starting", "CREATED", 503, "has not been started")
	w.run()
	w.until(app.Running)
	kafkatest.Eventually(t, "a broker has answered", func() bool { code, _ := w.get("/ready"); return code == 200 })
	w.shows("with all partitions", 200, "healthy", "RUNNING", 200, "records are processed; tasks: 4")
	if _, h := w.get("/health"); h["partitions"] != 4.0 || h["application_id"] != "front" || h["version"] == "" {
		t.Errorf("/health is %v, want 4 partitions, the application id and the version", h)
	}
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
	w.shows("after Run", 500, "unhealthy", "NOT_RUNNING", 503, "the app has stopped")
}

func TestStateAfterAnErrorNamesIt(t *testing.T) {
	brokers := cluster(t, "in", "out")
	kafkatest.Produce(t, brokers, &kgo.Record{Topic: "in", Value: []byte("bad")})
	w := watch(t, picky(t), brokers, nil)
	w.run()
	if err := <-w.done; err == nil {
		t.Fatal("Run = nil, want the error of the record")
	}
	w.shows("after an error", 500, "unhealthy", "ERROR", 503, "bad value", "in-")
	if lines := w.log.with("level=ERROR", "the app has stopped", "bad value"); len(lines) != 1 {
		t.Errorf("%d lines say why the app has stopped, want 1:\n%s", len(lines), strings.Join(w.log.with(), "\n"))
	}
}

// A second instance finds all partitions taken. It is in the group and waits.
func TestAnInstanceWithoutPartitionsIsReady(t *testing.T) {
	brokers := kafkatest.Start(t, kfake.SeedTopics(1, "in", "out")).ListenAddrs()
	first := watch(t, upper(t), brokers, nil)
	first.run()
	first.until(app.Running)
	second := watch(t, upper(t), brokers, nil)
	second.run()
	second.until(app.Running)
	for _, w := range []*watched{first, second} {
		kafkatest.Eventually(t, "it is ready", func() bool { code, _ := w.get("/ready"); return code == 200 })
	}
	_, a := first.get("/health")
	_, b := second.get("/health")
	if a["partitions"].(float64)+b["partitions"].(float64) != 1 {
		t.Errorf("partitions %v and %v, want one in all", a["partitions"], b["partitions"])
	}
	if text := fmt.Sprint(a["message"], b["message"]); !strings.Contains(text, "the group has no partitions for this instance") {
		t.Errorf("messages %q, want one that says that there are no partitions", text)
	}
	for _, w := range []*watched{first, second} {
		if err := w.end(); err != nil {
			t.Error(err)
		}
	}
}

// While state is restored the app is healthy, not ready, and says how much is left.
func TestRestoringIsShown(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(1, "in"))
	brokers := c.ListenAddrs()
	produce(t, brokers, "in", 0, 50)
	w := watch(t, counts(t), brokers, nil)
	w.run()
	kafkatest.Eventually(t, "all is counted", func() bool { return total(t, w.App) == 50 })
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
	hold := make(chan struct{})
	c.ControlKey(kmsg.Fetch.Int16(), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		for _, topic := range r.(*kmsg.FetchRequest).Topics {
			if name := c.TopicIDInfo(topic.TopicID); topic.Topic == "front-counts-changelog" ||
				name != nil && name.Topic == "front-counts-changelog" {
				c.SleepControl(func() { <-hold })
			}
		}
		return nil, nil, false
	})
	w = watch(t, counts(t), brokers, nil) // in another folder, so that all is restored
	w.run()
	kafkatest.Eventually(t, "one task restores its state, and the one without state runs", func() bool {
		_, h := w.get("/health")
		return h["restore_remaining_records"].(float64) > 0 &&
			strings.Contains(fmt.Sprint(h["message"]), "tasks that restore: 1,")
	})
	w.shows("while restoring", 200, "healthy", "REBALANCING", 503, "state is being restored; tasks that restore: 1, records to go: ")
	close(hold)
	w.until(app.Running)
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
	lines := w.log.with("group rebalanced", "front-by-key-repartition-0", "in-0", "went=none")
	if len(lines) != 1 || strings.Contains(lines[0], "restored_records=0") {
		t.Errorf("the log has %q, want one line that says what was restored", lines)
	}
}

// Brokers that go away are said once, and make the app not ready. Its state is as
// before.
func TestBrokersThatAreAwayAreShown(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(2, "in", "out"))
	w := watch(t, upper(t), c.ListenAddrs(), nil)
	w.run()
	w.until(app.Running)
	c.Close()
	kafkatest.Eventually(t, "it is told", func() bool { return len(w.log.with("kafka cannot be reached")) > 0 })
	code, r := w.get("/ready")
	if text := fmt.Sprint(r["reasons"]); code != 503 || !strings.Contains(text, "kafka has been unreachable since 2") {
		t.Errorf("/ready is %d %v, want 503 and since when kafka is away", code, r)
	}
	code, h := w.get("/health")
	if b := h["brokers"].(map[string]any); code != 200 || b["reachable"] != false || b["error"] == "" {
		t.Errorf("/health is %d %v, want 200 and brokers that cannot be reached", code, h)
	}
	if got := metric(t, w.App, "kafka_streams_brokers_reachable"); got != 0 {
		t.Errorf("kafka_streams_brokers_reachable is %v, want 0", got)
	}
	if err := w.end(); err != nil {
		t.Error(err)
	}
	if lines := w.log.with("level=WARN"); len(lines) != 1 {
		t.Errorf("%d warnings, want the one about kafka:\n%s", len(lines), strings.Join(lines, "\n"))
	}
}

// One line says what starts, one a rebalance what came and went, and one why it ended.
func TestLogOfAQuietLife(t *testing.T) {
	brokers := cluster(t, "in", "out")
	produce(t, brokers, "in", 0, 10)
	w := watch(t, upper(t), brokers, map[string]string{"errors.dead.letter.queue.topic.name": "dlq"})
	w.run()
	w.until(app.Running)
	kafkatest.Consume(t, brokers, "out", 10)
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
	for _, words := range [][]string{
		{"the app starts", "application_id=front", "version=", "group=front", "brokers=" + brokers[0], "threads=1",
			"processing_guarantee=exactly_once_v2", "state_dir=", "reads=in", "writes=out", "dead_letters=dlq"},
		{"group rebalanced", `why="the thread joined the group"`, "came=in-0,in-1,in-2,in-3", "went=none", "took="},
		{"the app has stopped", `why="it was told to"`, "records=10", "ran="},
	} {
		if lines := w.log.with(words...); len(lines) != 1 {
			t.Errorf("%d lines with %q, want 1:\n%s", len(lines), words, strings.Join(w.log.with(), "\n"))
		}
	}
	if lines := w.log.with(); len(lines) != 3 {
		t.Errorf("%d lines, want 3:\n%s", len(lines), strings.Join(lines, "\n"))
	}
}

// An app that is stopped before it has begun an epoch has nothing to warn of.
func TestEarlyStopWarnsOfNothing(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(1, "in", "out"))
	asked := make(chan struct{}, 100)
	mute(c, kmsg.InitProducerID, asked)
	w := watch(t, upper(t), c.ListenAddrs(), nil)
	w.run()
	<-asked
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
	if lines := w.log.with("level=WARN"); len(lines) != 0 {
		t.Errorf("warnings, want none:\n%s", strings.Join(lines, "\n"))
	}
}

// gather returns the app's own metrics by name.
func gather(t *testing.T, app *app.App) map[string]*dto.MetricFamily {
	t.Helper()
	all, err := app.Metrics().Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*dto.MetricFamily{}
	for _, f := range all {
		if name := f.GetName(); strings.HasPrefix(name, "kafka_streams_") || strings.HasPrefix(name, "suiro_memory_") {
			out[f.GetName()] = f
		}
	}
	return out
}

// metric returns the sum of a metric's series that have all the labels, "name=value".
func metric(t *testing.T, app *app.App, name string, labels ...string) (sum float64) {
	t.Helper()
	f := gather(t, app)[name]
	for _, m := range f.GetMetric() {
		have := []string{}
		for _, l := range m.GetLabel() {
			have = append(have, l.GetName()+"="+l.GetValue())
		}
		if slices.ContainsFunc(labels, func(l string) bool { return !slices.Contains(have, l) }) {
			continue
		}
		sum += m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
	}
	return sum
}

// A running app shows the metrics that the list has, no others, and all of them from
// the start.
func TestMetricsOfARunningAppAreThoseOfTheList(t *testing.T) {
	brokers := cluster(t, "in")
	w := watch(t, counts(t), brokers, map[string]string{"errors.dead.letter.queue.topic.name": "dlq"})
	w.run()
	w.until(app.Running)
	kafkatest.Eventually(t, "the ends of all partitions are known", func() bool {
		return len(gather(t, w.App)["kafka_streams_records_lag"].GetMetric()) == 8
	})
	families := gather(t, w.App)
	listed := map[string]bool{}
	for _, m := range app.Metrics() {
		listed[m.Name] = true
		f := families[m.Name]
		if f == nil {
			t.Errorf("%s is not shown", m.Name)
			continue
		}
		if got := strings.ToLower(f.GetType().String()); got != m.Type || f.GetHelp() != m.Help {
			t.Errorf("%s is a %s: %s; the list says a %s: %s", m.Name, got, f.GetHelp(), m.Type, m.Help)
		}
		var labels []string
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, l.GetName())
		}
		want := append(slices.Clone(m.Labels), "application_id")
		slices.Sort(want)
		if !slices.Equal(labels, want) {
			t.Errorf("%s has the labels %v, want %v", m.Name, labels, want)
		}
	}
	for name := range families {
		if !listed[name] {
			t.Errorf("%s is not in the list", name)
		}
	}
	problems, err := promlint.NewWithMetricFamilies(slices.Collect(maps.Values(families))).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
}

func TestMetricsCountWhatHappens(t *testing.T) {
	brokers := cluster(t, "in", "out")
	w := watch(t, picky(t), brokers, map[string]string{"errors.dead.letter.queue.topic.name": "dlq"})
	kafkatest.Produce(t, brokers,
		&kgo.Record{Topic: "in", Partition: 1, Value: []byte("a")}, &kgo.Record{Topic: "in", Partition: 1, Value: []byte("bad")},
		&kgo.Record{Topic: "in", Partition: 2, Value: []byte("b")})
	w.run()
	kafkatest.Consume(t, brokers, "dlq", 1)
	kafkatest.Consume(t, brokers, "out", 2)
	lag := func() float64 { return metric(t, w.App, "kafka_streams_records_lag", "topic=in") }
	kafkatest.Eventually(t, "all is committed", func() bool {
		return len(gather(t, w.App)["kafka_streams_records_lag"].GetMetric()) == 4 && lag() == 0
	})
	for name, want := range map[string]float64{
		"kafka_streams_client_state":                     1,
		"kafka_streams_alive_stream_threads":             1,
		"kafka_streams_failed_stream_threads_total":      0,
		"kafka_streams_brokers_reachable":                1,
		"kafka_streams_tasks":                            4,
		"kafka_streams_thread_tasks":                     4,
		"kafka_streams_topic_records_consumed_total":     3,
		"kafka_streams_topic_records_produced_total":     3, // with the dead letter
		"kafka_streams_topic_bytes_consumed_total":       5,
		"kafka_streams_thread_task_created_total":        4,
		"kafka_streams_thread_task_closed_total":         0,
		"kafka_streams_task_process_total":               3,
		"kafka_streams_task_rejected_records_total":      1,
		"kafka_streams_task_dead_letter_records_total":   1,
		"kafka_streams_task_dropped_records_total":       0,
		"kafka_streams_thread_rebalance_total":           1,
		"kafka_streams_task_restore_remaining_records":   0,
		"kafka_streams_thread_rebalance_latency_seconds": 1,
	} {
		if got := metric(t, w.App, name); got != want {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
	for _, name := range []string{"kafka_streams_thread_poll_latency_seconds", "kafka_streams_thread_commit_latency_seconds",
		"kafka_streams_thread_process_latency_seconds", "kafka_streams_record_e2e_latency_seconds"} {
		if got := metric(t, w.App, name); got == 0 {
			t.Errorf("%s has observed nothing", name)
		}
	}
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
}

// What an app has read and cannot commit is behind.
func TestLagGrowsWhileARecordIsStuck(t *testing.T) {
	brokers := kafkatest.Start(t, kfake.SeedTopics(1, "in", "out")).ListenAddrs()
	stuck, free := make(chan struct{}), make(chan struct{})
	var once sync.Once
	w := watch(t, gated(t, func(string) { once.Do(func() { close(stuck); <-free }) }), brokers, nil)
	produce(t, brokers, "in", 0, 10)
	w.run()
	<-stuck
	lag := func() float64 { return metric(t, w.App, "kafka_streams_records_lag") }
	kafkatest.Eventually(t, "10 records are behind", func() bool { return lag() == 10 })
	close(free)
	kafkatest.Eventually(t, "none is behind", func() bool { return lag() == 0 })
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
}

// A record that takes longer than max.poll.interval.ms makes the app unhealthy, as
// nothing else tells it from one that never ends. A stop waits for it.
func TestAStuckThreadAndAStopThatWaitsAreShown(t *testing.T) {
	brokers := kafkatest.Start(t, kfake.SeedTopics(1, "in", "out")).ListenAddrs()
	free := make(chan struct{})
	w := watch(t, gated(t, func(string) { <-free }), brokers, map[string]string{"max.poll.interval.ms": "500"})
	produce(t, brokers, "in", 0, 1)
	w.run()
	kafkatest.Eventually(t, "it is unhealthy", func() bool { _, h := w.get("/health"); return h["status"] == "unhealthy" })
	w.shows("while a record is stuck", 500, "unhealthy", "RUNNING", 503, "has been stuck for", "front-")
	w.stop()
	w.until(app.PendingShutdown)
	w.shows("while it stops", 200, "healthy", "PENDING_SHUTDOWN", 503, "the app is stopping")
	close(free)
	if err := <-w.done; err != nil {
		t.Fatal(err)
	}
	if got := len(kafkatest.Consume(t, brokers, "out", 1)); got != 1 {
		t.Errorf("%d records, want the one that was stuck", got)
	}
}
