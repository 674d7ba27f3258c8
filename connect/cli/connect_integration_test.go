//go:build integration

package cli

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// kafkaAddress is the real broker's.
func kafkaAddress(t *testing.T) string {
	t.Helper()
	address := os.Getenv("SUIRO_KAFKA")
	switch {
	case address != "":
	case os.Getenv("SUIRO_REQUIRE_SERVICES") == "1":
		t.Fatal("SUIRO_KAFKA is not set: start Kafka with scripts/services and set it to host:port")
	default:
		t.Skip("SUIRO_KAFKA is not set: start Kafka with scripts/services and set it to host:port")
	}
	return address
}

// killRun is a worker process that is killed and started again over one file.
type killRun struct {
	t       *testing.T
	kafka   string
	topic   string
	binary  string
	args    []string
	log     *os.File
	offsets string // topic, "" for a file
	in      string // the file that is read
	lines   int
	process *exec.Cmd
}

func newKillRun(t *testing.T, lines int, more ...string) *killRun {
	t.Helper()
	dir := t.TempDir()
	k := &killRun{t: t, kafka: kafkaAddress(t), lines: lines, binary: filepath.Join(dir, "suiro"),
		topic: fmt.Sprintf("connect-kill-%d", time.Now().UnixNano())}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", k.binary, "../../cmd/suiro").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	var err error
	if k.log, err = os.Create(filepath.Join(dir, "log")); err != nil {
		t.Fatal(err)
	}
	k.in = filepath.Join(dir, "in")
	if err := os.WriteFile(k.in, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	// The offset file must outlive each process, so it is one for all.
	worker := workerFile(t, k.kafka, anyPort, append([]string{"offset.storage.replication.factor=1",
		"offset.storage.partitions=2", "offset.flush.interval.ms=200",
		"producer.buffer.memory=65536"}, // so slow that a kill finds it at work
		more...)...)
	if strings.Contains(strings.Join(more, " "), "offset.storage.topic") {
		worker = withoutLine(t, worker, "offset.storage.file.filename")
	}
	source := writeFile(t, "source.json", fmt.Sprintf(`{"name":%q,"config":{"connector.class":"FileStreamSource",
		"file":%q,"topic":%q,"batch.size":500,"transaction.boundary":"interval",
		"transaction.boundary.interval.ms":30,"topic.creation.default.partitions":2,
		"topic.creation.default.replication.factor":1}}`, "src-"+k.topic, k.in, k.topic))
	k.args = []string{"connect", "--config", worker, "--log-level", "warn", source}
	t.Cleanup(k.clean)
	return k
}

// write appends the lines with the numbers from up to to, without it.
func (k *killRun) write(from, to int) {
	k.t.Helper()
	f, err := os.OpenFile(k.in, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		k.t.Fatal(err)
	}
	_, err = f.Write(numbers(from, to))
	if err := errors.Join(err, f.Close()); err != nil {
		k.t.Fatal(err)
	}
}

func numbers(from, to int) []byte {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "%d %s\n", i, strings.Repeat("x", 100))
	}
	return []byte(b.String())
}

func withoutLine(t *testing.T, path, key string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, key+"=") {
			kept = append(kept, line)
		}
	}
	return writeFile(t, "worker.properties", strings.Join(kept, ""))
}

func (k *killRun) clean() {
	if k.process != nil {
		_ = k.process.Process.Kill() // it may have ended
		_ = k.process.Wait()
	}
	if k.t.Failed() {
		text, _ := os.ReadFile(k.log.Name())
		k.t.Logf("log of the workers:\n%s", text)
	}
	cl, err := kgo.NewClient(kgo.SeedBrokers(k.kafka))
	if err != nil {
		return
	}
	defer cl.Close()
	_, _ = kadm.NewClient(cl).DeleteTopics(context.Background(), k.topic, k.offsets)
}

func (k *killRun) start() {
	k.t.Helper()
	k.process = exec.Command(k.binary, k.args...)
	k.process.Stdout, k.process.Stderr = k.log, k.log
	if err := k.process.Start(); err != nil {
		k.t.Fatal(err)
	}
}

func (k *killRun) kill() {
	k.t.Helper()
	if err := k.process.Process.Kill(); err != nil {
		k.t.Fatal(err)
	}
	_ = k.process.Wait() // it was killed
	k.process = nil
}

// follow counts records as they come, of open and aborted transactions too.
func (k *killRun) follow(level kgo.IsolationLevel) (*kgo.Client, func(until int) []*kgo.Record) {
	cl, err := kgo.NewClient(kgo.SeedBrokers(k.kafka), kgo.ConsumeTopics(k.topic), kgo.FetchIsolationLevel(level),
		kgo.MetadataMinAge(50*time.Millisecond), kgo.MetadataMaxAge(100*time.Millisecond), kgo.FetchMaxWait(20*time.Millisecond))
	if err != nil {
		k.t.Fatal(err)
	}
	var all []*kgo.Record
	return cl, func(until int) []*kgo.Record {
		ctx, cancel := context.WithTimeout(k.t.Context(), 3*time.Minute)
		defer cancel()
		for len(all) < until && ctx.Err() == nil {
			all = append(all, cl.PollFetches(ctx).Records()...)
		}
		if len(all) < until {
			k.t.Fatalf("topic %s showed %d records in time, want %d", k.topic, len(all), until)
		}
		return all
	}
}

// killAtRandom kills the worker several times in the middle and lets the last
// one come to the end of the file. Each life finds new lines, and is killed once
// some of them are seen: whatever the lives before have written, there is always
// something to wait for.
func (k *killRun) killAtRandom(kills int) {
	k.t.Helper()
	seed := rand.Uint64()
	k.t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	cl, shown := k.follow(kgo.ReadUncommitted())
	defer cl.Close()
	part := k.lines / (kills + 1)
	for life := range kills {
		first := life * part
		k.write(first, first+part)
		k.start()
		enough := 1 + random.IntN(part)
		for records := shown(0); newer(k.t, records, first) < enough; {
			records = shown(len(records) + 1)
		}
		k.kill()
	}
	k.write(kills*part, k.lines)
	k.start()
}

// newer counts the different lines from number first on.
func newer(t *testing.T, records []*kgo.Record, first int) int {
	t.Helper()
	n := 0
	for number := range tally(t, records) {
		if number >= first {
			n++
		}
	}
	return n
}

// tally counts how often each line is there.
func tally(t *testing.T, records []*kgo.Record) map[int]int {
	t.Helper()
	out := map[int]int{}
	for _, r := range records {
		number, _, _ := strings.Cut(string(r.Value), " ")
		n, err := strconv.Atoi(number)
		if err != nil {
			t.Fatalf("record %q is not a line of the file", r.Value)
		}
		out[n]++
	}
	return out
}

// everything reads the topic to its present end.
func (k *killRun) everything(level kgo.IsolationLevel) []*kgo.Record {
	k.t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(k.kafka))
	if err != nil {
		k.t.Fatal(err)
	}
	defer cl.Close()
	ends, err := kadm.NewClient(cl).ListEndOffsets(k.t.Context(), k.topic)
	if err != nil {
		k.t.Fatal(err)
	}
	reader, err := kgo.NewClient(kgo.SeedBrokers(k.kafka), kgo.ConsumeTopics(k.topic), kgo.FetchIsolationLevel(level), kgo.KeepControlRecords())
	if err != nil {
		k.t.Fatal(err)
	}
	defer reader.Close()
	next := map[int32]int64{}
	var all []*kgo.Record
	done := func() bool {
		ok := true
		ends.Each(func(o kadm.ListedOffset) { ok = ok && next[o.Partition] >= o.Offset })
		return ok
	}
	ctx, cancel := context.WithTimeout(k.t.Context(), 3*time.Minute)
	defer cancel()
	for !done() && ctx.Err() == nil {
		reader.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
			next[r.Partition] = r.Offset + 1
			if !r.Attrs.IsControl() {
				all = append(all, r)
			}
		})
	}
	if !done() {
		k.t.Fatalf("topic %s could not be read to its end in time", k.topic)
	}
	return all
}

func TestExactlyOnceSourceSurvivesKills(t *testing.T) {
	const lines, kills = 30_000, 4
	name := fmt.Sprintf("offsets-%d", time.Now().UnixNano())
	k := newKillRun(t, lines, "exactly.once.source.support=enabled", "group.id="+name, "offset.storage.topic="+name)
	k.offsets = name
	k.killAtRandom(kills)
	cl, committed := k.follow(kgo.ReadCommitted())
	committed(lines)
	cl.Close()
	records := k.everything(kgo.ReadCommitted())
	counts := tally(t, records)
	if len(records) != lines || len(counts) != lines {
		t.Errorf("read_committed shows %d records, %d different, want %d", len(records), len(counts), lines)
	}
	aborted := len(k.everything(kgo.ReadUncommitted())) - len(records)
	if aborted == 0 {
		t.Errorf("no kill met an open transaction, so the test proved nothing")
	}
	t.Logf("%d records, %d aborted in %d kills", len(records), aborted, kills)
}

func TestAtLeastOnceSourceLosesNothingInKills(t *testing.T) {
	const lines, kills = 30_000, 3
	k := newKillRun(t, lines)
	k.killAtRandom(kills)
	cl, shown := k.follow(kgo.ReadUncommitted())
	defer cl.Close()
	records := shown(lines)
	for len(tally(t, records)) < lines {
		records = shown(len(records) + 1)
	}
	t.Logf("%d records for %d lines in %d kills", len(records), lines, kills)
}

func TestSinkLosesNothingInKills(t *testing.T) {
	const lines, kills = 30_000, 3
	k := newKillRun(t, lines)
	k.write(0, lines)
	k.start()
	cl, shown := k.follow(kgo.ReadCommitted())
	shown(lines)
	cl.Close()
	k.kill()
	out := filepath.Join(t.TempDir(), "out")
	group := "snk-" + k.topic
	sink := writeFile(t, "sink.json", fmt.Sprintf(`{"name":%q,"connector.class":"FileStreamSink","file":%q,"topics":%q,
		"consumer.override.max.poll.records":50,"consumer.override.session.timeout.ms":6000}`, group, out, k.topic))
	k.args[len(k.args)-1] = sink
	written := 0
	for i := range kills + 1 {
		k.start()
		until := written + lines/(kills+1)
		if i == kills {
			break
		}
		waitFor(t, "more lines", &output{}, func() bool { written = len(linesOf(out)); return written >= until })
		k.kill()
	}
	waitFor(t, "every line", &output{}, func() bool {
		different := map[string]bool{}
		for _, l := range linesOf(out) {
			different[l] = true
		}
		for l := range strings.Lines(string(numbers(0, lines))) {
			if !different[strings.TrimSuffix(l, "\n")] {
				return false
			}
		}
		return true
	})
}

func linesOf(path string) []string {
	text, _ := os.ReadFile(path) // it may not exist yet
	return strings.Split(string(text), "\n")
}
