//go:build integration

package app_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/internal/takeover"
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
	adm     *kadm.Client
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
		base: time.Now().Add(-3 * time.Hour).Truncate(time.Hour).UnixMilli()} // the last is in the past, too
	x.adm = kadm.NewClient(kafkatest.Client(t, x.brokers))
	written := x.topics("out", "taken", "joined", "named")
	read := x.topics("in", "rows", "orders", "names")
	if _, err := x.adm.CreateTopics(t.Context(), 3, 1, nil, append(read, written...)...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.remove)
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

// remove deletes the topics of the test, and the group of the app.
func (x *takenOver) remove() {
	topics, err := x.adm.ListTopics(context.Background())
	if err != nil {
		x.t.Error(err)
		return
	}
	own := slices.DeleteFunc(topics.Names(), func(name string) bool { return !strings.HasPrefix(name, x.prefix) })
	if _, err := x.adm.DeleteTopics(context.Background(), own...); err != nil {
		x.t.Error(err)
	}
	_, _ = x.adm.DeleteGroups(context.Background(), x.prefix+"app") // which may have members for a while
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
			name := fmt.Sprintf("name-%d", x.sent%13)
			if x.sent%13 > 10 {
				// That of no other order: where an order changes twice before Kafka Streams knows that
				// the first change refers to nothing, it would leave the result of an earlier one.
				name = fmt.Sprintf("nobody-%d", x.sent)
			}
			records = append(records, x.change("orders", fmt.Sprintf("order-%d", x.sent%301), name+";"+value))
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
	start := time.Now()
	for end := start.Add(2 * time.Minute); ; x.read() {
		if maps.Equal(x.seen.rows, x.want.rows) && maps.Equal(x.seen.joined, x.want.joined) {
			x.t.Logf("%s: the output is complete after %v", who, time.Since(start).Round(time.Millisecond))
			return
		}
		if time.Now().After(end) {
			wrong := append(differ(x.seen.rows, x.want.rows), differ(x.seen.joined, x.want.joined)...)
			x.t.Fatalf("%s: the output is not as of one undisturbed run: %d of %d rows and records differ: %s", who,
				len(wrong), len(x.want.rows)+len(x.want.joined), strings.Join(wrong[:min(8, len(wrong))], "; "))
		}
	}
}

// stores are the changelogs that stateSettled reads: that of subscriptions has a generated name.
const (
	countsLog, minutesLog, sessionsLog = "counts", "by-minute", "sessions"
	subscriptionsLog                   = "SUBSCRIPTION-STATE-STORE"
)

// state is what the stores must have: the last value of each key, by store/key.
func (x *takenOver) state() map[string]string {
	want := map[string]string{}
	for id, value := range x.want.rows {
		topic, key, _ := strings.Cut(id, "/")
		_, times, windowed := strings.Cut(key, "@")
		switch {
		case topic != "out":
		case !windowed:
			want[countsLog+"/"+key] = value
		case !strings.Contains(times, "-"):
			want[minutesLog+"/"+key] = value
		default:
			want[sessionsLog+"/"+key], _, _ = strings.Cut(value, "@") // these have no timestamps of their own
		}
	}
	for id, value := range x.tables {
		want[id] = value
		if order, ok := strings.CutPrefix(id, "orders/"); ok {
			name, _, _ := strings.Cut(value, ";")
			want[subscriptionsLog+"/"+name+"+"+order] = ""
		}
	}
	return want
}

// stored returns the key and the value of a record of a changelog, as state has them.
func (x *takenOver) stored(r *kgo.Record) (id, value string, err error) {
	store := strings.TrimSuffix(strings.TrimPrefix(r.Topic, x.prefix+"app-"), "-changelog")
	key, value := string(r.Key), string(r.Value)
	count := func() string { return fmt.Sprint(binary.BigEndian.Uint64(r.Value)) }
	if r.Value == nil {
		count = func() string { return "" }
	}
	at := fmt.Sprintf("@%d", r.Timestamp.UnixMilli())
	switch {
	case store == countsLog:
		value = count() + at
	case store == minutesLog:
		k, failed := format.ParseWindowKey(r.Key)
		key, value, err = fmt.Sprintf("%s@%d", k.Key, k.Start), count()+at, failed
	case store == sessionsLog:
		k, failed := format.ParseSessionKey(r.Key)
		key, value, err = fmt.Sprintf("%s@%d-%d", k.Key, k.Start, k.End), count(), failed
	case strings.Contains(store, subscriptionsLog):
		k, failed := format.ParseCombinedKey(r.Key)
		store, key, value, err = subscriptionsLog, fmt.Sprintf("%s+%s", k.Foreign, k.Primary), "", failed
	}
	return store + "/" + key, value, err
}

// stateSettled waits until the changelogs hold what the stores must have.
func (x *takenOver) stateSettled(who string) {
	x.t.Helper()
	topics, err := x.adm.ListTopics(x.t.Context())
	if err != nil {
		x.t.Fatal(err)
	}
	logs := slices.DeleteFunc(topics.Names(), func(name string) bool {
		return !strings.HasPrefix(name, x.prefix+"app-") || !strings.HasSuffix(name, "-changelog")
	})
	client := kafkatest.Client(x.t, x.brokers, kgo.ConsumeTopics(logs...), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeStartOffset(kgo.NewOffset().AtStart()))
	defer client.Close()
	seen, want := map[string]string{}, x.state()
	for end := time.Now().Add(time.Minute); !maps.Equal(seen, want); {
		if time.Now().After(end) {
			wrong := differ(seen, want)
			x.t.Fatalf("%s: the state is not as of one undisturbed run: %d of %d entries differ: %s", who, len(wrong),
				len(want), strings.Join(wrong[:min(8, len(wrong))], "; "))
		}
		ctx, cancel := context.WithTimeout(x.t.Context(), time.Second)
		for _, r := range client.PollFetches(ctx).Records() {
			id, value, err := x.stored(r)
			if err != nil {
				x.t.Fatal(err)
			}
			seen[id] = value
			if r.Value == nil {
				delete(seen, id)
			}
		}
		cancel()
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

// takeOverEnv makes TestTakeOverProcess the process that is killed: a prefix of topics, and the
// state folder.
const takeOverEnv = "SUIRO_TEST_TAKE_OVER_PROCESS"

// TestTakeOverProcess is our app in a process of its own, which ends by being killed. Its epochs
// are small, so that it is in the middle of its work for a while.
func TestTakeOverProcess(t *testing.T) {
	prefix, dir, ok := strings.Cut(os.Getenv(takeOverEnv), " ")
	if !ok {
		t.Skip("it is run by TestAKafkaStreamsAppIsTakenOverAndGivenBack")
	}
	b := streams.NewBuilder()
	takeover.Describe(b, prefix)
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(topo, map[string]string{"application.id": prefix + "app", "state.dir": dir,
		"bootstrap.servers": strings.Join(kafkatest.Real(t), ","), "commit.max.records": "300",
		"session.timeout.ms": "6000", "heartbeat.interval.ms": "1000",
	}, &app.Options{Logger: logger(t)})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// runOurs starts the same topology here, with what a folder has of its state.
func (x *takenOver) runOurs(dir string) *exec.Cmd {
	x.t.Helper()
	own := exec.Command(os.Args[0], "-test.run=^TestTakeOverProcess$", "-test.v")
	own.Env = append(os.Environ(), takeOverEnv+"="+x.prefix+" "+dir)
	var notes strings.Builder
	own.Stdout, own.Stderr = &notes, &notes
	if err := own.Start(); err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(func() {
		_ = own.Process.Kill()
		_ = own.Wait()
		if x.t.Failed() {
			x.t.Logf("our app says: %s", notes.String())
		}
	})
	return own
}

// A Kafka Streams app is killed in the middle of its work. The same topology goes on here
// from its changelogs, offsets and times, is killed in the middle, goes on, and is killed again;
// then the Kafka Streams app goes on from ours: output and state are those of one undisturbed
// run.
func TestAKafkaStreamsAppIsTakenOverAndGivenBack(t *testing.T) {
	x := newTakenOver(t)
	x.sendRows()
	java, _ := x.runJava()
	x.settled("Kafka Streams with its table")
	x.send(2000)
	x.settled("Kafka Streams")
	x.killInTheMiddle(java)

	dir := t.TempDir()
	own := x.runOurs(dir)
	x.send(1000)
	x.settled("Suiro")
	x.sendRows()
	x.settled("Suiro with its table")
	x.killInTheMiddle(own)
	own = x.runOurs(dir)
	x.send(1000)
	x.settled("Suiro again")
	x.stateSettled("Suiro again")
	x.killInTheMiddle(own)
	x.groupEmpties()

	_, stopJava := x.runJava()
	x.settled("Kafka Streams again")
	x.sendRows()
	x.settled("Kafka Streams again with its table")
	x.send(1000)
	x.settled("Kafka Streams in the end")
	stopJava()
	x.stateSettled("Kafka Streams in the end")
}

// groupEmpties waits until the member that was killed has timed out: a Kafka Streams app ends when
// it meets a member of another program.
func (x *takenOver) groupEmpties() {
	x.t.Helper()
	id := x.prefix + "app"
	kafkatest.Eventually(x.t, "the group has no members", func() bool {
		groups, err := x.adm.DescribeGroups(x.t.Context(), id)
		return err == nil && groups[id].State == "Empty"
	})
}

// killInTheMiddle sends records and kills the app when some of what comes of them is there.
func (x *takenOver) killInTheMiddle(app *exec.Cmd) {
	x.t.Helper()
	x.send(3000)
	for x.read() == 0 {
		if x.t.Context().Err() != nil {
			x.t.Fatal(x.t.Context().Err())
		}
	}
	if err := app.Process.Kill(); err != nil {
		x.t.Fatal(err)
	}
	_ = app.Wait() // which says that it was killed
	lag, err := x.adm.Lag(x.t.Context(), x.prefix+"app")
	if err != nil {
		x.t.Fatal(err)
	}
	x.t.Logf("killed with %d records of the input and of internal topics to go", lag[x.prefix+"app"].Lag.Total())
}
