//go:build integration

package operator_test

import (
	"encoding/json"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/rejections"
	"github.com/suiro/suiro/internal/servicetest"
	"github.com/twmb/franz-go/pkg/kgo"
)

func TestWhatAnOperatorSees(t *testing.T) {
	s := newStage(t)
	for _, step := range []struct {
		name string
		see  func(*stage)
	}{
		{"start", (*stage).start}, {"bad records", (*stage).badRecords}, {"broker away", (*stage).brokerAway}, {"elasticsearch away", (*stage).elasticsearchAway},
		{"hdfs in safe mode", (*stage).hdfsSafe}, {"rebalance", (*stage).rebalance}, {"kill", (*stage).kill},
		{"stop", (*stage).stopAll},
	} {
		began := time.Now()
		step.see(s)
		t.Logf("%s: %v", step.name, time.Since(began).Round(time.Second))
	}
}

// start: a line that says what was started, and nothing loud.
func (s *stage) start() {
	s.worker.start()
	s.app.start()
	s.until("both ready", func() bool { return s.worker.ready() && s.app.ready() })
	s.wantAll()
	s.worker.wantHealth(`"reachable":true`)
	s.app.wantHealth(`"state":"RUNNING"`)
	s.app.wantLine("level=INFO", "the app starts", s.own.Kafka(), "version=", "state_dir=")
	s.worker.wantLine("level=INFO", "worker started", "version=")
	for _, metric := range []string{"elasticsearch_sink_up", "hdfs_sink_up"} {
		if got := s.worker.value(metric); got != 1 {
			s.t.Errorf("%s = %v when all is well, want 1", metric, got)
		}
	}
	for _, p := range []*process{s.worker, s.app} {
		for _, metric := range []string{"go_goroutines", "process_open_fds", "suiro_build_info"} {
			p.value(metric)
		}
		p.wantLoud()
	}
}

// badRecords: the first of a kind is seen with its place and the reason, and nothing of
// what is in it; the others are counted.
func (s *stage) badRecords() {
	brokers := []string{s.own.Kafka()}
	s.load.broken(s.t, 3)
	var bad []*kgo.Record
	for range 3 {
		bad = append(bad, &kgo.Record{Topic: "access-json", Value: []byte(`{"status":{"in":"a secret"}}`)})
	}
	kafkatest.Produce(s.t, brokers, bad...)
	s.refused += len(bad)
	kafkatest.Consume(s.t, brokers, "access-ltsv-dlq", 3)
	kafkatest.Consume(s.t, brokers, "access-json-rejected", 3)
	s.until("three refused documents are counted", func() bool {
		v, _ := s.worker.metric("elasticsearch_sink_records_rejected_total", `reason="malformed"`)
		return v == 3
	})
	s.wantAll()
	s.app.wantLine("level=WARN", "record=access-ltsv-", "no colon")
	s.worker.wantLine("level=WARN", "access-json-", elasticsearchSink, "failed to parse field [status]")
	if s.worker.says("a secret") {
		s.t.Errorf("the log has what is in a record:\n%s", strings.Join(s.worker.with("a secret"), "\n"))
	}
	s.app.wantLoud(rejections.First)
	s.worker.wantLoud(rejections.First)
}

// brokerAway: one warning in each process when the broker goes and one line when it is
// back, not ready meanwhile, and healthy, as a restart could not help.
func (s *stage) brokerAway() {
	both := []*process{s.worker, s.app}
	s.own.Run("kafka.sh", "kill")
	for _, p := range both {
		s.until(p.name+" not ready, because of the brokers", func() bool { return p.notReady("reach") })
		s.until(p.name+" says it", func() bool { return p.says("level=WARN", "kafka cannot be reached") })
		p.wantHealth(`"reachable":false`)
	}
	s.until("25 seconds without a broker", func() bool { return brokersAway(s.worker) > 25*time.Second })
	s.show()
	s.own.Run("kafka.sh", "up")
	for _, p := range both {
		s.until(p.name+" ready", p.ready)
		s.until(p.name+" says it", func() bool { return p.says("level=INFO", "kafka can be reached again", "away=") })
	}
	s.wantAll()
	for _, p := range both {
		p.wantHealth(`"reachable":true`)
		p.wantLine("kafka can be reached again")
		p.wantLoud("kafka cannot be reached, trying again")
	}
}

// show shows what both processes say, for go test -v.
func (s *stage) show() { s.t.Logf("%s\n%s", s.worker.pages(), s.app.pages()) }

// brokersAway is since when /health says that no broker can be reached.
func brokersAway(p *process) time.Duration {
	var health struct {
		Brokers struct {
			Reachable bool
			Since     time.Time
		}
	}
	if json.Unmarshal([]byte(p.get("/health").body), &health) != nil || health.Brokers.Reachable {
		return 0
	}
	return time.Since(health.Brokers.Since)
}

// elasticsearchAway: the same for the outside system of a sink.
func (s *stage) elasticsearchAway() {
	w := s.worker
	s.own.Run("elasticsearch.sh", "kill")
	s.until("elasticsearch_sink_up is 0", func() bool { v, ok := w.metric("elasticsearch_sink_up"); return ok && v == 0 })
	s.until("35 seconds without elasticsearch", func() bool {
		v, _ := w.metric("elasticsearch_sink_outage_seconds")
		return v > 35
	})
	if !w.notReady("elasticsearch takes no documents") {
		s.t.Error("the worker is ready while elasticsearch is away")
	}
	if lag := w.value("kafka_connect_sink_task_metrics_sink_record_lag", `connector="`+elasticsearchSink); lag == 0 {
		s.t.Error("nothing lags behind while elasticsearch is away, want what is not committed")
	}
	if got := w.value("elasticsearch_sink_retries_total", `reason="unreachable"`); got == 0 {
		s.t.Error("no retries of reason unreachable are counted")
	}
	w.wantHealth(`"reachable":true`)
	s.show()
	s.own.Run("elasticsearch.sh", "up")
	s.until("elasticsearch_sink_up is 1", func() bool { v, _ := w.metric("elasticsearch_sink_up"); return v == 1 })
	s.until("the line about it", func() bool { return w.says("level=INFO", "elasticsearch takes documents again", "away=") })
	s.until("ready", w.ready)
	s.wantAll()
	w.wantLine("elasticsearch takes documents again")
	w.wantLoud("elasticsearch takes no documents, trying again")
	s.app.wantLoud()
}

// hdfsSafe: HDFS reads but takes no files.
func (s *stage) hdfsSafe() {
	w := s.worker
	s.safeMode("enter")
	s.until("hdfs_sink_up is 0", func() bool { v, ok := w.metric("hdfs_sink_up"); return ok && v == 0 })
	s.until("not ready, because of the files", func() bool { return w.notReady("files cannot be written") })
	w.wantHealth(`"reachable":true`)
	s.show()
	s.safeMode("leave")
	s.until("hdfs_sink_up is 1", func() bool { v, _ := w.metric("hdfs_sink_up"); return v == 1 })
	s.until("ready", w.ready)
	s.wantAll()
	w.wantLine("level=INFO", "files are written again", "away=")
	w.wantLoud("files cannot be written, trying again")
	s.app.wantLoud()
}

func (s *stage) safeMode(what string) {
	s.own.Run("hdfs.sh", "run", "org.apache.hadoop.hdfs.tools.DFSAdmin", "-fs", "hdfs://"+s.own.HDFS(), "-safemode", what)
}

// rebalance: a second instance joins and leaves; each time one line says why and what
// came and went, and nothing is loud.
func (s *stage) rebalance() {
	second := s.newApp("ltsv-json-2", servicetest.FreeAddress(s.t))
	helper := s.newWorker("worker-2", servicetest.FreeAddress(s.t), "elasticsearch.json", "hdfs.json")
	second.start()
	helper.start()
	s.until("the second app and worker ready", func() bool { return second.ready() && helper.ready() })
	for _, sink := range []string{elasticsearchSink, hdfsSink} {
		s.until("the line of "+sink, func() bool {
			return s.worker.says("level=INFO", "group rebalanced", sink, "went=access-json-")
		})
	}
	s.until("the line about it", func() bool { return s.app.says("level=INFO", "group rebalanced", "went=access-ltsv-") })
	s.wantAll()
	second.stop()
	helper.stop()
	for _, sink := range []string{elasticsearchSink, hdfsSink} {
		s.until("the line of "+sink, func() bool {
			return s.worker.says("level=INFO", "group rebalanced", sink, "came=access-json-")
		})
	}
	s.until("the first has all again", func() bool {
		return s.app.says("level=INFO", "group rebalanced", "came=access-ltsv-") && s.app.ready()
	})
	s.wantAll()
	second.wantLine("level=INFO", "the app has stopped")
	if lines := s.app.with("level=INFO", "group rebalanced"); len(lines) != 2 {
		s.t.Errorf("%d lines about two rebalances:\n%s", len(lines), strings.Join(lines, "\n"))
	}
	for _, sink := range []string{elasticsearchSink, hdfsSink} {
		if lines := s.worker.with("level=INFO", "group rebalanced", sink); len(lines) != 2 {
			s.t.Errorf("%s has %d lines about two rebalances:\n%s", sink, len(lines), strings.Join(lines, "\n"))
		}
	}
	for _, p := range []*process{s.app, second, s.worker, helper} {
		p.wantLoud()
	}
}

// kill: both are killed and started again; nothing is lost and nothing twice.
func (s *stage) kill() {
	for _, p := range []*process{s.worker, s.app} {
		p.signal(syscall.SIGKILL)
		p.judged()
		p.start()
	}
	s.until("both ready", func() bool { return s.worker.ready() && s.app.ready() })
	s.wantAll()
	s.worker.wantLoud()
	s.app.wantLoud()
}

// stopAll: a line that says how it ended.
func (s *stage) stopAll() {
	s.load.pause()
	for _, p := range []*process{s.worker, s.app} {
		p.stop()
	}
	s.app.wantLine("level=INFO", "the app has stopped")
	s.worker.wantLine("level=INFO", "worker stopped")
	s.app.wantLoud()
	s.worker.wantLoud()
}
