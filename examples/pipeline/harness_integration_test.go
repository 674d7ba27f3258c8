//go:build integration

package pipeline_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/servicetest"
)

// services are the addresses of the services that the pipeline uses.
type services struct{ kafka, es, hdfs, hms, hs2 string }

// realServices returns the addresses that the environment names.
func realServices(t *testing.T) services {
	t.Helper()
	var s services
	var unset []string
	for _, v := range []struct {
		name string
		addr *string
	}{{"SUIRO_KAFKA", &s.kafka}, {"SUIRO_ES", &s.es}, {"SUIRO_HDFS", &s.hdfs}, {"SUIRO_HMS", &s.hms}, {"SUIRO_HS2", &s.hs2}} {
		if *v.addr = os.Getenv(v.name); *v.addr == "" {
			unset = append(unset, v.name)
		}
	}
	if len(unset) > 0 {
		unavailable(t, strings.Join(unset, ", ")+" not set: start the services with scripts/services/services up")
	}
	if !strings.Contains(s.es, "://") {
		s.es = "http://" + s.es
	}
	return s
}

// unavailable skips the test, or fails it where services are required.
func unavailable(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("SUIRO_REQUIRE_SERVICES") == "1" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// session is session.timeout.ms of every process, as short as brokers allow, because
// processes are killed.
const session = "6000"

// pipeline is the whole way from a log to Elasticsearch and Hive, with topics, an
// index and a table of its own. Each part is a process.
type pipeline struct {
	t         *testing.T
	s         services
	name      string // of the index and the table, and the beginning of all other names
	dir       string
	accessLog string
	lines     []string // what has been appended to the log
	client    []kgo.Opt
	adm       *kadm.Client
	began     time.Time
	rest      string // the worker's REST API
	lastRows  int    // what rows returned last

	worker, ltsvJSON, jsonAvro *process
}

// options change the pipeline from how its files configure it.
type options struct {
	// client are properties of all Kafka clients, such as those for security.
	client map[string]string
	// worker are properties of the worker.
	worker map[string]string
	// dial are the options of the test's own Kafka client.
	dial []kgo.Opt
}

// newPipeline creates the topics of a pipeline and prepares it.
func newPipeline(t *testing.T, s services, label string, o options) *pipeline {
	t.Helper()
	p := prepare(t, s, label, o)
	cl, err := kgo.NewClient(p.client...)
	if err != nil {
		t.Fatal(err)
	}
	p.adm = kadm.NewClient(cl)
	t.Cleanup(cl.Close)
	t.Cleanup(p.sweep)
	p.makeTopics("ltsv", "json", "avro")
	return p
}

func (p *pipeline) makeTopics(topics ...string) {
	p.t.Helper()
	for _, topic := range topics {
		if _, err := p.adm.CreateTopic(p.t.Context(), 4, -1, nil, p.topic(topic)); err != nil {
			p.t.Fatal(err)
		}
	}
}

// prepare writes the configurations of a pipeline. Its processes have not been
// started.
func prepare(t *testing.T, s services, label string, o options) *pipeline {
	t.Helper()
	p := &pipeline{
		t: t, s: s, began: time.Now(), dir: t.TempDir(), client: append(o.dial, kgo.SeedBrokers(s.kafka)),
		name: "pipeline_" + label + "_" + strconv.FormatInt(time.Now().UnixMilli(), 36),
	}
	p.accessLog = filepath.Join(p.dir, "access.ltsv")
	connect := append([]string{program(t, "cmd/suiro"), "connect", "--config"}, p.configure(o)...)
	p.worker = newProcess(t, p.dir, "connect", connect...)
	p.ltsvJSON = p.app("ltsv-json", "ltsv", "json", o.client)
	p.jsonAvro = p.app("json-avro", "json", "avro", o.client)
	return p
}

// topic returns the name of one of the pipeline's topics.
func (p *pipeline) topic(what string) string { return p.name + "-" + what }

// app prepares a stream app as its main would be called.
func (p *pipeline) app(name, input, output string, client map[string]string) *process {
	file := p.properties(name+".properties", client)
	return newProcess(p.t, p.dir, name, program(p.t, "examples/"+name), "--config", file,
		"--bootstrap-servers", p.s.kafka, "--application-id", p.name+"-"+name, "--state-dir", filepath.Join(p.dir, name),
		"--input-topic", p.topic(input), "--output-topic", p.topic(output), "--session-timeout-ms", session,
		"--errors-dead-letter-queue-topic-name", p.topic(input+"-dlq"))
}

// configure writes the configurations of the worker and its connectors, which are
// those in this folder with other names and addresses, and returns their paths.
func (p *pipeline) configure(o options) []string {
	p.t.Helper()
	text, err := os.Open("worker.properties")
	if err != nil {
		p.t.Fatal(err)
	}
	defer text.Close()
	worker, err := config.ReadProperties(text)
	if err != nil {
		p.t.Fatal(err)
	}
	p.rest = "http://" + servicetest.FreeAddress(p.t)
	maps.Copy(worker, map[string]string{
		"bootstrap.servers": p.s.kafka, "listeners": p.rest, "group.id": p.name,
		"offset.storage.topic": p.topic("offsets"), "offset.storage.partitions": "1",
		"consumer.session.timeout.ms": session, "offset.flush.interval.ms": "1000",
	})
	for _, prefix := range []string{"", "producer.", "consumer.", "admin."} {
		for k, v := range o.client {
			worker[prefix+k] = v
		}
	}
	maps.Copy(worker, o.worker)
	return []string{p.properties("worker.properties", worker),
		p.connector("file-source.json", map[string]string{
			"file": p.accessLog, "topic": p.topic("ltsv"), "errors.deadletterqueue.topic.name": p.topic("log-dlq")}),
		p.connector("elasticsearch-sink.json", map[string]string{
			"topics": p.topic("json"), "connection.url": p.s.es, "index.name.format": p.name,
			"errors.deadletterqueue.topic.name": p.topic("elasticsearch-dlq")}),
		p.connector("hdfs-sink.json", map[string]string{
			"topics": p.topic("avro"), "store.url": "hdfs://" + p.s.hdfs, "topics.dir": p.folder(),
			"hive.metastore.uris": "thrift://" + p.s.hms, "hive.table.name": p.name,
			"flush.size": "1000", "rotate.schedule.interval.ms": "1000",
			"errors.deadletterqueue.topic.name": p.topic("hdfs-dlq")}),
	}
}

// folder is where the sink's files are, on HDFS.
func (p *pipeline) folder() string { return "/pipeline/" + p.name }

// connector writes a connector's configuration with other values.
func (p *pipeline) connector(file string, other map[string]string) string {
	p.t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		p.t.Fatal(err)
	}
	var c struct {
		Name   string            `json:"name"`
		Config map[string]string `json:"config"`
	}
	if err := json.Unmarshal(text, &c); err != nil {
		p.t.Fatalf("%s: %v", file, err)
	}
	c.Name = p.name + "-" + strings.TrimSuffix(file, ".json")
	maps.Copy(c.Config, other)
	if text, err = json.Marshal(c); err != nil {
		p.t.Fatal(err)
	}
	return p.write(file, string(text))
}

func (p *pipeline) properties(file string, props map[string]string) string {
	var b strings.Builder
	for k, v := range props {
		fmt.Fprintf(&b, "%s=%s\n", k, strings.ReplaceAll(v, `\`, `\\`))
	}
	return p.write(file, b.String())
}

func (p *pipeline) write(file, text string) string {
	p.t.Helper()
	path := filepath.Join(p.dir, file)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	return path
}

// processes are all parts of the pipeline.
func (p *pipeline) processes() []*process { return []*process{p.worker, p.ltsvJSON, p.jsonAvro} }

// start starts the parts, all of them when none is named.
func (p *pipeline) start(parts ...*process) {
	p.t.Helper()
	if len(parts) == 0 {
		parts = p.processes()
	}
	for _, part := range parts {
		if err := part.start(); err != nil {
			p.t.Fatal(err)
		}
		p.say("%s is started", part.name)
	}
}

// stop stops all parts in good order.
func (p *pipeline) stop() {
	p.t.Helper()
	errs := make(chan error)
	for _, part := range p.processes() {
		go func() { errs <- part.stop() }()
	}
	for range p.processes() {
		if err := <-errs; err != nil {
			p.t.Error(err)
		}
	}
	if p.t.Failed() {
		p.t.FailNow()
	}
	p.say("all is stopped")
}

// alive fails the test when a part has ended without being told to.
func (p *pipeline) alive() {
	p.t.Helper()
	var errs []error
	for _, part := range p.processes() {
		errs = append(errs, part.ended())
	}
	if err := errors.Join(errs...); err != nil {
		p.t.Fatal(err)
	}
}

// say logs what has happened, and when.
func (p *pipeline) say(format string, args ...any) {
	p.t.Helper()
	p.t.Logf("%5.1fs %s", time.Since(p.began).Seconds(), fmt.Sprintf(format, args...))
}

// stall is how long nothing may change while the test waits for something:
// longer than a source task waits for the end of a transaction.
const stall = 3 * time.Minute

// until waits until done returns true. It fails the test when a part ends, or when
// the state that done describes stops changing.
func (p *pipeline) until(what string, done func() (state string, ok bool)) {
	p.t.Helper()
	last, moved := "", time.Now()
	for {
		state, ok := done()
		if ok {
			p.say("%s", what)
			return
		}
		if state != last {
			last, moved = state, time.Now()
		}
		if time.Since(moved) > stall {
			p.t.Fatalf("for %v nothing changed while waiting until %s: %s; %s", stall, what, state, p.held())
		}
		p.alive()
		<-time.After(200 * time.Millisecond)
	}
}
