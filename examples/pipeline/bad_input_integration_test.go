//go:build integration

package pipeline_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"

	"github.com/suiro/suiro/internal/kill/verify"
	"github.com/suiro/suiro/internal/servicetest"
)

// The headers of dead letters that hold the reason.
const (
	connectReason = "__connect.errors.exception.message"
	streamsReason = "__streams.errors.message"
)

// A line that cannot be processed becomes a dead letter, with the reason, at the
// stage that cannot process it. Everything else arrives.
func TestBadLinesBecomeDeadLetters(t *testing.T) {
	t.Parallel()
	lines := makeLines(3, 0, 500)
	change := func(i int, label, value string) string {
		fields := strings.Split(lines[i], "\t")
		at := slices.IndexFunc(fields, func(f string) bool { return strings.HasPrefix(f, label+":") })
		fields[at] = label + ":" + value
		return strings.Join(fields, "\t")
	}
	tooLong := strings.Repeat("x", 10<<20)
	noAvro := change(1, "status", "4294967295") // fits an index, not the column
	noTime := change(2, "time", "-")            // has no dt and hour
	// A cookie is what a visitor sends: its request is whole, with the text of the cookie.
	badCookie := change(0, "cookie", "sid=4f9a17c2; campaign=50%-off")
	bad := []string{
		"[error] 2317#0: *48211 upstream timed out",
		badCookie, tooLong, noAvro, noTime,
		change(3, "time", "yesterday"),
		"a:1\tb", "",
	}
	p := newPipeline(t, realServices(t), "bad", options{})
	p.start()
	for i, line := range bad {
		p.feed(lines[i*50:(i+1)*50], 20*time.Millisecond)
		p.feed([]string{line}, 20*time.Millisecond)
	}
	p.feed(lines[len(bad)*50:], 20*time.Millisecond)
	p.arrived(len(lines))
	p.until("all dead letters are there", func() (string, bool) {
		n := []int{p.written("log-dlq")(), p.written("ltsv-dlq")(), p.written("json-dlq")(), p.written("hdfs-dlq")()}
		return fmt.Sprint(n), n[0] > 0 && n[1] > 3 && n[2] > 0 && n[3] > 0
	})
	p.stop()

	whole, _ := p.tally(append([]string{noAvro, noTime, badCookie}, lines...))
	_, analysed := p.tally(append([]string{badCookie}, lines...))
	p.checkTopic("json", whole)
	p.checkIndex(whole, len(lines)+3)
	p.checkTable(analysed, len(lines)+1)
	p.checkLetters("log-dlq", []string{p.accessLog, "10485760 bytes long", "line.max.bytes is 1048576"})
	p.checkLetters("ltsv-dlq", []string{"not allowed in a label", "[error]"}, []string{"time", "yesterday"},
		[]string{"colon", `"b"`}, []string{"no LTSV record"})
	p.checkLetters("json-dlq", []string{"status", "4294967295"})
	p.checkLetters("hdfs-dlq", []string{"time"})
	p.checkLetters("elasticsearch-dlq") // none
}

// A mistake in the configuration ends each part with an error that names it.
func TestMistakesAreNamed(t *testing.T) {
	t.Parallel()
	s := realServices(t)
	t.Run("a broker that is not there", func(t *testing.T) {
		t.Parallel()
		nowhere := s
		nowhere.kafka = servicetest.FreeAddress(t)
		p := prepare(t, nowhere, "nowhere", options{})
		p.start()
		for _, part := range p.processes() {
			part.says(t, nowhere.kafka, "nothing listens there")
		}
	})
	t.Run("an unknown key", func(t *testing.T) {
		t.Parallel()
		p := prepare(t, s, "unknown", options{client: map[string]string{"sasl.mechanisms": "PLAIN"}})
		p.start()
		for _, part := range p.processes() {
			part.says(t, `"sasl.mechanisms", did you mean "sasl.mechanism"?`)
		}
	})
	t.Run("topics that do not exist", func(t *testing.T) {
		t.Parallel()
		p := prepare(t, s, "missing", options{})
		for _, c := range []struct {
			app           *process
			input, output string
		}{{p.ltsvJSON, "ltsv", "json"}, {p.jsonAvro, "json", "avro"}} {
			p.start(c.app)
			c.app.says(t, "input topic "+p.topic(c.input)+" does not exist",
				"output topic "+p.topic(c.output)+" does not exist")
		}
	})
}

// Sinks whose topics do not exist, and are not made by the brokers, say so, and start once
// the topics exist.
func TestSinksWaitForTheirTopics(t *testing.T) {
	t.Parallel()
	s := realServices(t)
	p := newPipeline(t, s, "early", options{worker: map[string]string{"consumer.allow.auto.create.topics": "false"}})
	if _, err := p.adm.DeleteTopics(t.Context(), p.topic("json"), p.topic("avro")); err != nil {
		t.Fatal(err)
	}
	p.start(p.worker)
	p.until("the worker misses the topics", func() (string, bool) {
		said := string(p.worker.tail(100))
		return said, strings.Contains(said, "topic "+p.topic("json")+" does not exist") &&
			strings.Contains(said, "topic "+p.topic("avro")+" does not exist")
	})
	p.makeTopics("json", "avro")
	p.until("all tasks run", func() (string, bool) { bad := p.troubles(); return strings.Join(bad, "\n"), len(bad) == 0 })
	p.start(p.ltsvJSON, p.jsonAvro)
	lines := makeLines(6, 0, 500)
	p.feed(lines, 100*time.Millisecond)
	p.arrived(len(lines))
	p.stop()
	p.check(lines)
}

// With a wrong password each part ends and says so. With the right one the pipeline
// runs.
func TestPasswords(t *testing.T) {
	t.Parallel()
	s := realServices(t)
	own := servicetest.Own(t)
	guarded := own.KafkaGuarded()
	own.Setenv("SUIRO_KAFKA_CONF", guardedBroker(t, own))
	own.Run("kafka.sh", "up")
	s.kafka = guarded
	login := func(password string) options {
		return options{
			client: map[string]string{"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN",
				"sasl.jaas.config": `org.apache.kafka.common.security.plain.PlainLoginModule required username="shop" password="` + password + `";`},
			dial: []kgo.Opt{kgo.SASL(plain.Auth{User: "shop", Pass: "right"}.AsMechanism())},
		}
	}
	p := newPipeline(t, s, "refused", login("very wrong"))
	p.start()
	for _, part := range p.processes() {
		part.says(t, guarded, "password", "sasl.jaas.config")
		if said := string(part.tail(1000)); strings.Contains(said, "very wrong") {
			t.Errorf("%s shows the password:\n%s", part.name, said)
		}
	}

	lines := makeLines(4, 0, 2000)
	p = newPipeline(t, s, "secured", login("right"))
	p.start()
	p.feed(lines, time.Second)
	p.arrived(len(lines))
	p.stop()
	p.check(lines)
	p.noLetters()
}

// guardedBroker returns the file of a broker with a listener that asks for user
// and password.
func guardedBroker(t *testing.T, own *servicetest.Services) string {
	t.Helper()
	conf := fmt.Sprintf(`listeners=PLAINTEXT://%[1]s,SASL_PLAINTEXT://%[2]s
advertised.listeners=PLAINTEXT://%[1]s,SASL_PLAINTEXT://%[2]s
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT
sasl.enabled.mechanisms=PLAIN
listener.name.sasl_plaintext.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_shop="right";
`, own.Kafka(), own.KafkaGuarded())
	path := filepath.Join(t.TempDir(), "guarded.properties")
	if err := os.WriteFile(path, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// An app whose disk is full names the disk, and continues where it stopped when it
// is started again and there is room.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=12m"); err != nil {
		t.Skipf("a small disk cannot be made: mount a tmpfs: %v: run as root", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	})
	p := newPipeline(t, realServices(t), "disk", options{})
	stats, http := p.serverStats(filepath.Join(disk, "state"))
	p.start()
	lines := makeLines(5, 0, 3000)
	p.feed(lines[:1000], 200*time.Millisecond)
	p.counted(http, 1000)

	fillDisk(t, filepath.Join(disk, "others-data"))
	p.feed(lines[1000:2000], 200*time.Millisecond)
	stats.says(t, disk, "disk is full", "no space left on device")

	if err := os.Remove(filepath.Join(disk, "others-data")); err != nil {
		t.Fatal(err)
	}
	p.start(stats)
	p.feed(lines[2000:], 200*time.Millisecond)
	p.counted(http, len(lines))
	got, err := verify.AskStats(t.Context(), http)
	if err != nil {
		t.Fatal(err)
	}
	want, err := verify.CountStats(t.Context(), p.client, p.topic("json"))
	if err != nil {
		t.Fatal(err)
	}
	if bad := got.Compare(want, false); len(bad) > 0 {
		t.Errorf("counts differ:\n%s", strings.Join(bad, "\n"))
	}
	p.arrived(len(lines))
	p.stop()
	if err := stats.stop(); err != nil {
		t.Error(err)
	}
	p.check(lines)
}

// serverStats starts the app that counts, and returns the page of its counts.
func (p *pipeline) serverStats(state string) (*process, string) {
	p.t.Helper()
	addr := servicetest.FreeAddress(p.t)
	stats := newProcess(p.t, p.dir, "server-stats", program(p.t, "examples/server-stats"), "--bootstrap-servers", p.s.kafka,
		"--application-id", p.name+"-server-stats", "--state-dir", state, "--input-topic", p.topic("json"),
		"--session-timeout-ms", session, "--http-listen", addr,
		"--ahead-ms", "9000000000000") // whatever this machine's clock says
	p.start(stats)
	return stats, "http://" + addr + "/stats"
}

// counted waits until the page has counted n requests.
func (p *pipeline) counted(url string, n int) {
	p.t.Helper()
	p.until(fmt.Sprintf("%d requests are counted", n), func() (string, bool) {
		stats, err := verify.AskStats(p.t.Context(), url)
		return fmt.Sprint(stats.Requests(), err), int(stats.Requests()) >= n
	})
}

// fillDisk writes a file until there is no room left.
func fillDisk(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size > 0; {
		if _, err := f.Write(bytes.Repeat([]byte{1}, size)); err != nil {
			size /= 2
		}
	}
}
