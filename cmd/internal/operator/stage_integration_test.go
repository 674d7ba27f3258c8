//go:build integration

// Package operator_test is what an operator sees of a worker and of a stream app when
// something goes wrong: every line of their logs above info, /health, /ready and
// /metrics, on real services that the tests stop.
package operator_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/suiro/suiro/connectors/hdfs/readback"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/servicetest"
	"github.com/twmb/franz-go/pkg/kadm"
)

// stage is a pipeline under light load:
//
//	log file ─▶ worker ─▶ access-ltsv ─▶ ltsv-json ─▶ access-json ─▶ worker ─▶ Elasticsearch, HDFS
type stage struct {
	t               *testing.T
	dir             string
	own             *servicetest.Services
	suiro, ltsvJSON string // programs

	worker, app *process
	load        *load
	refused     int // records that HDFS has and Elasticsearch has not
}

const (
	elasticsearchSink = "to-elasticsearch"
	hdfsSink          = "to-hdfs"
)

func newStage(t *testing.T) *stage {
	s := &stage{t: t, dir: t.TempDir(), own: servicetest.Own(t)}
	s.suiro, s.ltsvJSON = build(t, "cmd/suiro"), build(t, "examples/ltsv-json")
	var started sync.WaitGroup
	for _, script := range []string{"kafka.sh", "elasticsearch.sh", "hdfs.sh"} {
		started.Go(func() { s.own.Run(script, "up") })
	}
	started.Wait()
	cl := kafkatest.Client(t, []string{s.own.Kafka()})
	if _, err := kadm.NewClient(cl).CreateTopics(t.Context(), 2, 1, nil, "access-ltsv", "access-json"); err != nil {
		t.Fatal(err)
	}
	s.load = newLoad(t, filepath.Join(s.dir, "access.ltsv"))
	s.worker = s.newWorker("worker", servicetest.FreeAddress(t), "source.json", "elasticsearch.json", "hdfs.json")
	s.app = s.newApp("ltsv-json", servicetest.FreeAddress(t))
	return s
}

// newWorker prepares a worker with some of the connectors.
func (s *stage) newWorker(name, http string, connectors ...string) *process {
	json := map[string]string{"key.converter": "org.apache.kafka.connect.storage.StringConverter",
		"value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "false",
		"topics": "access-json", "errors.tolerance": "all", "errors.deadletterqueue.topic.name": "access-json-rejected",
		"errors.deadletterqueue.topic.replication.factor": "1"}
	with := func(more map[string]string) map[string]string {
		out := maps.Clone(json)
		maps.Copy(out, more)
		return out
	}
	s.file("source.json", map[string]any{"name": "source", "config": map[string]string{
		"connector.class": "FileStreamSource", "file": s.load.path, "topic": "access-ltsv", "poll.interval.ms": "100"}})
	s.file("elasticsearch.json", map[string]any{"name": elasticsearchSink, "config": with(map[string]string{
		"connector.class": "ElasticsearchSink", "connection.url": s.own.Elasticsearch(), "key.ignore": "true",
		"schema.ignore": "true", "read.timeout.ms": "30000"})}) // a busy machine is no outage
	s.file("hdfs.json", map[string]any{"name": hdfsSink, "config": with(map[string]string{
		"connector.class": "HdfsSink", "store.url": "hdfs://" + s.own.HDFS(), "topics.dir": "/topics", "flush.size": "1000",
		"rotate.schedule.interval.ms": "2000", "timezone": "UTC", "format.class": "JsonFormat"})})
	worker := s.text(name+".properties", "bootstrap.servers="+s.own.Kafka(), "listeners=http://"+http, "group.id="+name,
		"exactly.once.source.support=enabled", "offset.storage.topic="+name+"-offsets",
		"offset.storage.replication.factor=1", "offset.storage.partitions=1", "offset.flush.interval.ms=1000",
		"consumer.session.timeout.ms=6000", "key.converter=org.apache.kafka.connect.storage.StringConverter",
		"value.converter=org.apache.kafka.connect.storage.StringConverter")
	command := []string{s.suiro, "connect", "--config", worker}
	for _, c := range connectors {
		command = append(command, filepath.Join(s.dir, c))
	}
	return newProcess(s.t, s.dir, name, http, command...)
}

// newApp prepares an instance of ltsv-json.
func (s *stage) newApp(name, http string) *process {
	return newProcess(s.t, s.dir, name, http, s.ltsvJSON, "--bootstrap-servers", s.own.Kafka(),
		"--state-dir", filepath.Join(s.dir, name), "--http-listen", http, "--session-timeout-ms", "6000",
		"--replication-factor", "1")
}

// file writes a JSON file.
func (s *stage) file(name string, v any) {
	s.t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		s.t.Fatal(err)
	}
	s.text(name, string(text))
}

func (s *stage) text(name string, lines ...string) string {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// documents is how many Elasticsearch has.
func (s *stage) documents() int {
	url := s.own.Elasticsearch() + "/access-json/"
	res, err := http.Post(url+"_refresh", "application/json", nil)
	if err != nil {
		return -1
	}
	res.Body.Close()
	if res, err = http.Get(url + "_count"); err != nil {
		return -1
	}
	defer res.Body.Close()
	var answer struct{ Count int }
	if json.NewDecoder(res.Body).Decode(&answer) != nil {
		return -1
	}
	return answer.Count
}

// rows is how many records the files in HDFS have.
func (s *stage) rows() int {
	counted, err := readback.CountFiles(s.t.Context(), "hdfs://"+s.own.HDFS(), "/topics/access-json")
	if err != nil {
		return -1
	}
	return int(counted.Rows)
}

// wantAll waits until every line that is written by now is in both places, once.
func (s *stage) wantAll() {
	s.t.Helper()
	s.load.pause()
	defer s.load.resume()
	want := s.load.written()
	kafkatest.Eventually(s.t, fmt.Sprintf("%d documents", want), func() bool { return s.documents() >= want })
	all := want + s.refused
	kafkatest.Eventually(s.t, fmt.Sprintf("%d rows", all), func() bool { return s.rows() >= all })
	if documents, rows := s.documents(), s.rows(); documents != want || rows != all {
		s.t.Errorf("%d documents and %d rows, want %d and %d", documents, rows, want, all)
	}
}

// until waits for a condition, and shows what both processes say when it does not come.
func (s *stage) until(what string, ok func() bool) {
	s.t.Helper()
	deadline := time.After(kafkatest.Patience)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			s.t.Fatalf("waited %v for this: %s\n%s\n%s", kafkatest.Patience, what, s.worker.pages(), s.app.pages())
		case <-tick.C:
		}
	}
}

// load appends lines to a log, about a hundred a second.
type load struct {
	path string

	mu     sync.Mutex // guards the rest
	lines  int
	paused bool
}

func newLoad(t *testing.T, path string) *load {
	l := &load{path: path}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	go func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for t.Context().Err() == nil {
			<-tick.C
			l.write(10)
		}
	}()
	return l
}

func (l *load) write(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.paused {
		return
	}
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "time:[28/Nov/2026:19:33:03 +0900]\thost:192.0.2.7\treq:GET /%d HTTP/1.1\tstatus:200\n", l.lines+i)
	}
	f, err := os.OpenFile(l.path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return // the test is over
	}
	defer f.Close()
	if _, err := f.WriteString(text.String()); err == nil {
		l.lines += n
	}
}

// broken appends lines that are not LTSV, which do not count as written.
func (l *load) broken(t *testing.T, n int) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	f, err := os.OpenFile(l.path, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString(strings.Repeat("not LTSV at all\n", n))
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (l *load) written() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines
}

func (l *load) pause()  { l.set(true) }
func (l *load) resume() { l.set(false) }

func (l *load) set(paused bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.paused = paused
}

// stop asks a process to end.
func (p *process) stop() { p.signal(syscall.SIGTERM) }
