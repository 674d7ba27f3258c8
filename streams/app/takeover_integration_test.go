//go:build integration

package app_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams"
)

// javaPath builds the programs of scripts/oracle-streams and returns their class path.
func javaPath(t *testing.T) string {
	t.Helper()
	cmd := exec.Command("../../scripts/oracle-streams/build")
	var notes strings.Builder
	cmd.Stderr = &notes
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("build the Kafka Streams app: %v\n%s", err, notes.String())
	}
	return strings.TrimSpace(string(out))
}

// takenOver is an app that runs now in Java and now here.
type takenOver struct {
	t       *testing.T
	brokers []string
	prefix  string
	java    string // class path
	client  *kgo.Client
	sent    int
	version int   // of the rows of tables
	base    int64 // the time of the first record, about

	tables map[string]string  // the rows of the input, by topic/key
	stamps map[string][]int64 // the timestamps of each key
	want   outcome
	seen   outcome
}

// outcome is what an app has written.
type outcome struct {
	rows   map[string]string // the last value of each key, by topic/key; with its timestamp where that is known
	joined map[string]int    // the records of the join of a stream and a table
}

func newOutcome() outcome { return outcome{map[string]string{}, map[string]int{}} }

func newTakenOver(t *testing.T) *takenOver {
	t.Helper()
	x := &takenOver{t: t, brokers: kafkatest.Real(t), prefix: fmt.Sprintf("takeover-%d-", time.Now().UnixNano()),
		java: javaPath(t), tables: map[string]string{}, stamps: map[string][]int64{}, want: newOutcome(), seen: newOutcome(),
		base: time.Now().Add(-30 * time.Minute).Truncate(time.Hour).UnixMilli()}
	adm := kadm.NewClient(kafkatest.Client(t, x.brokers))
	written := x.topics("out", "taken", "joined", "named")
	read := x.topics("in", "rows", "orders", "names")
	if _, err := adm.CreateTopics(t.Context(), 3, 1, nil, append(read, written...)...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.remove(adm) })
	x.client = kafkatest.Client(t, x.brokers, kgo.ConsumeTopics(written...),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeStartOffset(kgo.NewOffset().AtStart()))
	return x
}

func (x *takenOver) topics(names ...string) []string {
	for i := range names {
		names[i] = x.prefix + names[i]
	}
	return names
}

// remove deletes the topics of the test.
func (x *takenOver) remove(adm *kadm.Client) {
	topics, err := adm.ListTopics(context.Background())
	if err != nil {
		x.t.Error(err)
		return
	}
	for _, name := range topics.Names() {
		if strings.HasPrefix(name, x.prefix) {
			if _, err := adm.DeleteTopics(context.Background(), name); err != nil {
				x.t.Error(err)
			}
		}
	}
}

// send writes records of 50 keys, out of order by up to 100 seconds, and as many changes of
// the tables that are joined by a foreign key; it notes what must come of them.
func (x *takenOver) send(n int) {
	x.t.Helper()
	records := make([]*kgo.Record, 0, 2*n)
	for range n {
		key := fmt.Sprintf("key-%d", x.sent*7%50)
		at := x.base + int64(x.sent)*500 - int64(x.sent*37%100)*1000
		value := fmt.Sprint(x.sent)
		records = append(records, &kgo.Record{Topic: x.prefix + "in", Key: []byte(key), Value: []byte(value),
			Timestamp: time.UnixMilli(at)})
		x.stamps[key] = append(x.stamps[key], at)
		if row, ok := x.tables["rows/"+key]; ok {
			x.want.joined[fmt.Sprintf("%s=%s/%s@%d", key, value, row, at)]++
		}
		if x.sent%5 == 0 {
			records = append(records, x.change("names", fmt.Sprintf("name-%d", x.sent%11), value))
		} else {
			records = append(records, x.change("orders", fmt.Sprintf("order-%d", x.sent%301), fmt.Sprintf("name-%d;%s", x.sent%13, value)))
		}
		x.sent++
	}
	kafkatest.Produce(x.t, x.brokers, records...)
	x.expect()
}

// change is a record of a table.
func (x *takenOver) change(topic, key, value string) *kgo.Record {
	x.tables[topic+"/"+key] = value
	return &kgo.Record{Topic: x.prefix + topic, Key: []byte(key), Value: []byte(value), Timestamp: time.Now()}
}

// sendRows changes the table that the stream is joined with. Nothing is sent to the stream
// before it has taken them, as the results depend on that.
func (x *takenOver) sendRows() {
	x.version++
	var records []*kgo.Record
	for i := range 50 - x.version { // some stay as they are
		records = append(records, x.change("rows", fmt.Sprintf("key-%d", i), fmt.Sprintf("row-%d", x.version)))
	}
	kafkatest.Produce(x.t, x.brokers, records...)
	x.expect()
}

// expect finds what the rows of all outputs must be.
func (x *takenOver) expect() {
	clear(x.want.rows)
	count := func(key string, n int, latest int64) { x.want.rows["out/"+key] = fmt.Sprintf("%d@%d", n, latest) }
	for key, stamps := range x.stamps {
		slices.Sort(stamps)
		count(key, len(stamps), stamps[len(stamps)-1])
		minute, session := 0, 0 // where they begin
		for i, at := range stamps {
			if start := at - mod(at, 60_000); stamps[minute] < start {
				minute = i
			}
			if i > 0 && at-stamps[i-1] > 10_000 {
				session = i
			}
			count(fmt.Sprintf("%s@%d", key, at-mod(at, 60_000)), i-minute+1, at)
			if i+1 == len(stamps) || stamps[i+1]-at > 10_000 {
				count(fmt.Sprintf("%s@%d-%d", key, stamps[session], at), i-session+1, at)
			}
		}
	}
	for id, value := range x.tables {
		topic, key, _ := strings.Cut(id, "/")
		switch topic {
		case "rows":
			x.want.rows["taken/"+key] = value
		case "orders":
			name, _, _ := strings.Cut(value, ";")
			if named, ok := x.tables["names/"+name]; ok {
				x.want.rows["named/"+key] = value + "=" + named
			}
		}
	}
}

func mod(a, b int64) int64 { return (a%b + b) % b }

// read reads what has been written since, and returns how many records.
func (x *takenOver) read() int {
	ctx, cancel := context.WithTimeout(x.t.Context(), time.Second)
	defer cancel()
	records := x.client.PollFetches(ctx).Records()
	for _, r := range records {
		topic := strings.TrimPrefix(r.Topic, x.prefix)
		id := topic + "/" + string(r.Key)
		switch {
		case topic == "joined":
			x.seen.joined[fmt.Sprintf("%s=%s@%d", r.Key, r.Value, r.Timestamp.UnixMilli())]++
		case r.Value == nil:
			delete(x.seen.rows, id)
		case topic == "out":
			x.seen.rows[id] = fmt.Sprintf("%d@%d", binary.BigEndian.Uint64(r.Value), r.Timestamp.UnixMilli())
		default:
			x.seen.rows[id] = string(r.Value)
		}
	}
	return len(records)
}

// settled waits until the output is what it must be.
func (x *takenOver) settled(who string) {
	x.t.Helper()
	for end := time.Now().Add(2 * time.Minute); ; x.read() {
		if maps.Equal(x.seen.rows, x.want.rows) && maps.Equal(x.seen.joined, x.want.joined) {
			return
		}
		if time.Now().After(end) {
			wrong := append(differ(x.seen.rows, x.want.rows), differ(x.seen.joined, x.want.joined)...)
			x.t.Fatalf("%s: the output is not as of one undisturbed run: %d of %d rows and %d records differ: %s", who,
				len(wrong), len(x.want.rows), len(x.want.joined), strings.Join(wrong[:min(8, len(wrong))], "; "))
		}
	}
}

// differ says what is different in two maps.
func differ[V comparable](seen, want map[string]V) (wrong []string) {
	all := maps.Clone(want)
	maps.Copy(all, seen)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if seen[key] != want[key] {
			wrong = append(wrong, fmt.Sprintf("%s is %v, want %v", key, seen[key], want[key]))
		}
	}
	return wrong
}

// runJava starts the Kafka Streams app.
func (x *takenOver) runJava() (app *exec.Cmd, stop func()) {
	x.t.Helper()
	app = exec.Command("java", "-Xmx256m", "-XX:+UseSerialGC",
		"-cp", x.java, "oracle.App", "take-over",
		strings.Join(x.brokers, ","), x.prefix+"app", x.t.TempDir(), x.prefix)
	var notes strings.Builder
	app.Stdout, app.Stderr = &notes, &notes
	input, err := app.StdinPipe()
	if err != nil {
		x.t.Fatal(err)
	}
	if err := app.Start(); err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(func() {
		_ = app.Process.Kill()
		_ = app.Wait()
		if x.t.Failed() {
			x.t.Logf("Kafka Streams says: %s", notes.String())
		}
	})
	return app, func() { closeAndWait(x.t, input, app) }
}

func closeAndWait(t *testing.T, input io.Closer, app *exec.Cmd) {
	t.Helper()
	if err := input.Close(); err != nil {
		t.Error(err)
	}
	if err := app.Wait(); err != nil {
		t.Errorf("the Kafka Streams app ended with %v", err)
	}
}

// ours starts the same topology here, with an empty folder.
func (x *takenOver) ours() (stop func() error) {
	b := streams.NewBuilder()
	takeOver(b, x.prefix)
	topo, err := b.Build()
	if err != nil {
		x.t.Fatal(err)
	}
	_, stop = start(x.t, topo, x.brokers, filepath.Join(x.t.TempDir(), "ours"), map[string]string{
		"application.id": x.prefix + "app", "session.timeout.ms": "6000", "heartbeat.interval.ms": "1000",
	})
	return stop
}

// A Kafka Streams app is killed in the middle of its work. The same topology goes on here
// from its changelogs, offsets and times, and then the Kafka Streams app from ours: the
// output is that of one undisturbed run.
func TestAKafkaStreamsAppIsTakenOverAndGivenBack(t *testing.T) {
	x := newTakenOver(t)
	x.sendRows()
	java, _ := x.runJava()
	x.settled("Kafka Streams with its table")
	x.send(2000)
	x.settled("Kafka Streams")
	x.inTheMiddle(func() {
		if err := java.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = java.Wait()
	})
	stop := x.ours()
	x.send(1000)
	x.settled("Suiro")
	x.sendRows()
	x.settled("Suiro with its table")
	x.send(1000)
	x.settled("Suiro again")
	x.inTheMiddle(func() {
		if err := stop(); err != nil {
			t.Fatal(err)
		}
	})
	_, stopJava := x.runJava()
	x.settled("Kafka Streams again")
	x.sendRows()
	x.settled("Kafka Streams again with its table")
	x.send(1000)
	x.settled("Kafka Streams in the end")
	stopJava()
}

// inTheMiddle sends records and calls end when some of what comes of them is there.
func (x *takenOver) inTheMiddle(end func()) {
	x.t.Helper()
	x.send(3000)
	for x.read() == 0 {
		if x.t.Context().Err() != nil {
			x.t.Fatal(x.t.Context().Err())
		}
	}
	end()
}
