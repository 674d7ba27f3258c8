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

	want   map[string]int64 // the last output of each key
	latest map[string]int64 // the largest timestamp of each key
	seen   map[string]int64
	times  map[string]int64
}

func newTakenOver(t *testing.T) *takenOver {
	t.Helper()
	x := &takenOver{t: t, brokers: kafkatest.Real(t), prefix: fmt.Sprintf("takeover-%d-", time.Now().UnixNano()),
		java: javaPath(t), want: map[string]int64{}, latest: map[string]int64{},
		seen: map[string]int64{}, times: map[string]int64{}}
	adm := kadm.NewClient(kafkatest.Client(t, x.brokers))
	if _, err := adm.CreateTopics(t.Context(), 3, 1, nil, x.prefix+"in", x.prefix+"out"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.remove(adm) })
	x.client = kafkatest.Client(t, x.brokers, kgo.ConsumeTopics(x.prefix+"out"),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeStartOffset(kgo.NewOffset().AtStart()))
	return x
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

// send writes records of 50 keys, out of order by up to 100 seconds, and notes what must
// come of them.
func (x *takenOver) send(n int) {
	x.t.Helper()
	base := time.Now().Add(-30 * time.Minute).Truncate(time.Hour).UnixMilli()
	records := make([]*kgo.Record, n)
	for i := range records {
		key := fmt.Sprintf("key-%d", x.sent*7%50)
		at := base + int64(x.sent)*500 - int64(x.sent*37%100)*1000
		records[i] = &kgo.Record{Topic: x.prefix + "in", Key: []byte(key), Value: []byte("v"), Timestamp: time.UnixMilli(at)}
		for _, k := range []string{key, fmt.Sprintf("%s@%d", key, at-mod(at, 60_000))} {
			x.want[k]++
			x.latest[k] = max(x.latest[k], at)
		}
		x.sent++
	}
	kafkatest.Produce(x.t, x.brokers, records...)
}

func mod(a, b int64) int64 { return (a%b + b) % b }

// read reads what has been written since, and returns how many records.
func (x *takenOver) read() int {
	ctx, cancel := context.WithTimeout(x.t.Context(), time.Second)
	defer cancel()
	records := x.client.PollFetches(ctx).Records()
	for _, r := range records {
		x.seen[string(r.Key)] = int64(binary.BigEndian.Uint64(r.Value))
		x.times[string(r.Key)] = r.Timestamp.UnixMilli()
	}
	return len(records)
}

// settled waits until the output has the right last value and timestamp of each key.
func (x *takenOver) settled(who string) {
	x.t.Helper()
	for end := time.Now().Add(2 * time.Minute); ; x.read() {
		if maps.Equal(x.seen, x.want) && maps.Equal(x.times, x.latest) {
			return
		}
		if time.Now().After(end) {
			wrong := []string{}
			for k, n := range x.want {
				if x.seen[k] != n || x.times[k] != x.latest[k] {
					wrong = append(wrong, fmt.Sprintf("%s is %d at %d, want %d at %d", k, x.seen[k], x.times[k], n, x.latest[k]))
				}
			}
			slices.Sort(wrong)
			x.t.Errorf("%s: %d of %d keys differ: %s", who, len(wrong), len(x.want), strings.Join(wrong[:min(5, len(wrong))], "; "))
			x.t.Fatalf("%s: the output is not as of one undisturbed run", who)
		}
	}
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
	x.send(2000)
	java, _ := x.runJava()
	x.settled("Kafka Streams")
	x.send(5000)
	for x.read() == 0 { // it is in the middle of these
		if t.Context().Err() != nil {
			t.Fatal(t.Context().Err())
		}
	}
	if err := java.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = java.Wait()
	stop := x.ours()
	x.send(1000)
	x.settled("Suiro")
	x.send(1000)
	x.settled("Suiro again")
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	x.send(1000)
	_, stopJava := x.runJava()
	x.settled("Kafka Streams again")
	x.send(1000)
	x.settled("Kafka Streams in the end")
	stopJava()
}
