package streamstest_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/streamstest"
	"github.com/suiro/suiro/streams/topology"
)

func build(t testing.TB, describe func(b *streams.Builder)) *topology.Topology {
	t.Helper()
	b := streams.NewBuilder()
	describe(b)
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return topo
}

// echo copies "in" to "out" and counts the keys in "counts".
func echo(b *streams.Builder) {
	in := streams.Stream(b, "in", streams.String(), streams.String())
	streams.To(in, "out", streams.String(), streams.String())
	streams.Count(streams.GroupByKey(in, streams.String()), "counts")
}

func start(t testing.TB, topo *topology.Topology, o *streamstest.Options) *streamstest.Driver {
	t.Helper()
	d, err := streamstest.New(topo, o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func send(t testing.TB, d *streamstest.Driver, keys ...string) {
	t.Helper()
	in := streamstest.Input(d, "in", streams.String(), streams.String())
	for _, k := range keys {
		if err := in.Send(k, ""); err != nil {
			t.Fatal(err)
		}
	}
}

func commit(t testing.TB, d *streamstest.Driver) {
	t.Helper()
	if err := d.Commit(); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, d *streamstest.Driver) (keys []string) {
	t.Helper()
	for _, r := range d.Read("out") {
		keys = append(keys, string(r.Key))
	}
	return keys
}

func count(t testing.TB, d *streamstest.Driver, key string) (sum int64) {
	t.Helper()
	parts, err := d.Store("counts")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		data, err := p.Get([]byte(key))
		if err != nil {
			t.Fatal(err)
		}
		if data == nil {
			continue
		}
		n, err := streams.Int64().Deserialize(data)
		if err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	return sum
}

func TestOutputIsSeenAfterCommitAndOnce(t *testing.T) {
	d := start(t, build(t, echo), nil)
	send(t, d, "a")
	if got := read(t, d); len(got) != 0 {
		t.Errorf("before the commit %q, want nothing", got)
	}
	if got := count(t, d, "a"); got != 0 {
		t.Errorf("before the commit the store counts %d, want 0", got)
	}
	commit(t, d)
	if got := read(t, d); !slices.Equal(got, []string{"a"}) {
		t.Errorf("after the commit %q, want a", got)
	}
	if got := count(t, d, "a"); got != 1 {
		t.Errorf("after the commit the store counts %d, want 1", got)
	}
	if got := read(t, d); len(got) != 0 {
		t.Errorf("read again %q, want nothing", got)
	}
}

func TestAbortedRecordsComeAgainInOrder(t *testing.T) {
	d := start(t, build(t, echo), &streamstest.Options{Partitions: 3})
	send(t, d, "a", "b")
	d.Abort()
	d.Abort()
	send(t, d, "c")
	d.Abort()
	commit(t, d)
	if got, want := read(t, d), []string{"a", "b", "c"}; !slices.Equal(got, want) {
		t.Errorf("output %q, want %q", got, want)
	}
	for _, key := range []string{"a", "b", "c"} {
		if got := count(t, d, key); got != 1 {
			t.Errorf("%s counts %d, want 1", key, got)
		}
	}
}

func TestRestartGoesOnFromTheLastCommit(t *testing.T) {
	for _, wipe := range []bool{false, true} {
		d := start(t, build(t, echo), &streamstest.Options{Partitions: 2})
		send(t, d, "a", "b", "a")
		commit(t, d)
		send(t, d, "a")
		if err := d.Restart(wipe); err != nil {
			t.Fatal(err)
		}
		if got := count(t, d, "a"); got != 2 {
			t.Errorf("wipe %v: restarted with %d, want the committed 2", wipe, got)
		}
		commit(t, d)
		if got := count(t, d, "a"); got != 3 {
			t.Errorf("wipe %v: %d, want 3", wipe, got)
		}
	}
}

// Keys go where Java's murmur2 says; records without key take turns.
func TestRecordsGoToTheirPartition(t *testing.T) {
	d := start(t, build(t, func(b *streams.Builder) {
		streams.To(streams.Stream(b, "in", streams.Bytes(), streams.Bytes()), "out", streams.Bytes(), streams.Bytes())
	}), &streamstest.Options{Partitions: 4})
	send(t, d, "21", "foobar", "a-little-bit-longer-string", "abc")
	if err := d.Send("in", streamstest.Record{}, streamstest.Record{}, streamstest.Record{}); err != nil {
		t.Fatal(err)
	}
	commit(t, d)
	var got []string
	for _, r := range d.Read("out") {
		got = append(got, fmt.Sprintf("%s[%d]@%d", r.Key, r.Partition, r.Offset))
	}
	// The hashes of the first four are those that Kafka's own UtilsTest expects.
	want := []string{"21[0]@0", "foobar[2]@0", "a-little-bit-longer-string[3]@0", "abc[3]@1", "[0]@1", "[1]@0", "[2]@1"}
	if !slices.Equal(got, want) {
		t.Errorf("output %q, want %q", got, want)
	}
}

func TestClockGivesTimestamps(t *testing.T) {
	begin := time.Date(2015, 5, 17, 10, 0, 0, 123456789, time.UTC)
	d := start(t, build(t, echo), &streamstest.Options{Start: begin})
	send(t, d, "a")
	d.Advance(time.Hour)
	send(t, d, "b")
	commit(t, d)
	for i, r := range d.Read("out") {
		want := begin.Truncate(time.Millisecond).Add(time.Duration(i) * time.Hour)
		if !r.Timestamp.Equal(want) {
			t.Errorf("record %d at %v, want %v", i, r.Timestamp, want)
		}
	}
	if got, want := d.Now(), begin.Add(time.Hour); !got.Equal(want) {
		t.Errorf("Now() = %v, want %v", got, want)
	}
}

func TestTypedOutput(t *testing.T) {
	d := start(t, build(t, func(b *streams.Builder) {
		streams.To(streams.Stream(b, "in", streams.String(), streams.Int64()), "out", streams.String(), streams.Int64())
	}), nil)
	if err := streamstest.Input(d, "in", streams.String(), streams.Int64()).Send("k", 7); err != nil {
		t.Fatal(err)
	}
	commit(t, d)
	got, err := streamstest.Output(d, "out", streams.String(), streams.Int64()).Read()
	if err != nil || len(got) != 1 || got[0].Key != "k" || got[0].Value != 7 {
		t.Errorf("Read() = %v, %v, want k=7", got, err)
	}
}

// What the topology writes to a topic that it reads is processed again, as in Kafka.
func TestWrittenTopicsAreReadAgain(t *testing.T) {
	d := start(t, build(t, func(b *streams.Builder) {
		in := streams.Stream(b, "in", streams.String(), streams.String())
		streams.To(in, "between", streams.String(), streams.String())
		streams.To(streams.Stream(b, "between", streams.String(), streams.String()), "out", streams.String(),
			streams.String())
	}), nil)
	send(t, d, "a")
	commit(t, d)
	if got := len(d.Read("between")); got != 1 {
		t.Errorf("%d records in between, want 1", got)
	}
	if got := read(t, d); !slices.Equal(got, []string{"a"}) {
		t.Errorf("output %q, want a", got)
	}
}

func TestMistakesOfTheTestAreTold(t *testing.T) {
	d := start(t, build(t, echo), &streamstest.Options{Partitions: 2})
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"topic", d.Send("inn"), "send to inn: the topology reads only in"},
		{"partition", d.SendTo("in", 2), "in-2: topics have 2 partitions"},
		{"store", func() error { _, err := d.Store("count"); return err }(), "no store of this name"},
		{"property", func() error {
			_, err := streamstest.New(build(t, echo),
				&streamstest.Options{Properties: map[string]string{"max.request.size": "x"}})
			return err
		}(), "max.request.size"},
	}
	for _, tt := range tests {
		if tt.err == nil || !strings.Contains(tt.err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one with %q", tt.name, tt.err, tt.want)
		}
	}
	defer func() {
		if p := recover(); p == nil {
			t.Error("Read of a topic that is not written returns, want a panic")
		}
	}()
	d.Read("in")
}

// A subtopology may read several topics, and topics by pattern.
func TestSeveralTopicsAreRead(t *testing.T) {
	var g topology.Graph
	seen := func(ctx topology.Context) topology.Handler {
		return func(r *topology.Record) error { return ctx.Emit("out", r.Key, r.Value, r.Timestamp, nil) }
	}
	g.AddSource(topology.Source{Name: "s", Topic: "a", Topics: []string{"b"}, New: seen})
	g.AddSource(topology.Source{Name: "p", Pattern: regexp.MustCompile("page-.*"), New: seen})
	g.AddSink(topology.Sink{Name: "k", Topic: "out"}, "s", "p")
	topo, err := g.Build()
	if err != nil {
		t.Fatal(err)
	}
	d, err := streamstest.New(topo, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, topic := range []string{"b", "page-1", "a", "page-2"} {
		if err := d.Send(topic, streamstest.Record{Value: []byte(topic)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Send("other"); err == nil {
		t.Error("a topic that is not read was accepted")
	}
	if err := d.Commit(); err != nil {
		t.Fatal(err)
	}
	for _, r := range d.Read("out") {
		got += string(r.Value) + " "
	}
	if want := "b page-1 a page-2 "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A topology that an app refuses is refused by the driver too.
func TestTopologiesAreCheckedAsByAnApp(t *testing.T) {
	topo := build(t, func(b *streams.Builder) {
		in := streams.Stream(b, "in", streams.String(), streams.String())
		streams.To(in, "streamstest-counts-changelog", streams.String(), streams.String())
		streams.Count(streams.GroupByKey(in, streams.String()), "counts")
	})
	if _, err := streamstest.New(topo, nil); err == nil || !strings.Contains(err.Error(), "internal topic of the app") {
		t.Errorf("error %v, want one that says that the output is an internal topic", err)
	}
}

func TestDroppedLeavesAbortedRecordsOut(t *testing.T) {
	d := start(t, build(t, func(b *streams.Builder) {
		in := streams.Stream(b, "in", streams.String(), streams.String())
		streams.CountWindows(streams.GroupByKey(in, streams.String()).WindowedBy(streams.TimeWindows{Size: time.Second}),
			"counts")
	}), nil)
	send(t, d, "a")
	d.Advance(-time.Hour)
	send(t, d, "a")
	d.Abort()
	commit(t, d)
	if got := d.Dropped(); got != 1 {
		t.Errorf("%d dropped, want 1", got)
	}
}

// Without a topic for dead letters a rejected record stops the driver, as it stops an
// app; with one the driver continues.
func TestRejectedRecordsStopTheDriverAsTheyStopAnApp(t *testing.T) {
	topo := build(t, func(b *streams.Builder) {
		in := streams.Stream(b, "in", streams.String(), streams.Int64())
		streams.To(in, "out", streams.String(), streams.Int64())
	})
	bad := streamstest.Record{Value: []byte("text")}
	d := start(t, topo, nil)
	err := d.Send("in", bad)
	for _, want := range []string{"in-0@0", "a long has 8", "set errors.dead.letter.queue.topic.name to continue"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Send = %v, want an error with %q", err, want)
		}
	}
	if got := d.Rejected(); len(got) != 0 {
		t.Errorf("%d rejections without a topic for them, want none", len(got))
	}
	d = start(t, topo, &streamstest.Options{Properties: map[string]string{"errors.dead.letter.queue.topic.name": "dlq"}})
	if err := d.Send("in", bad); err != nil {
		t.Errorf("Send with a dead-letter topic = %v, want nil", err)
	}
	commit(t, d)
	if got := d.Rejected(); len(got) != 1 || got[0].Stage != topology.Deserialization {
		t.Errorf("rejections %+v, want one of stage %s", got, topology.Deserialization)
	}
}

// A node that uses a store that it has not declared is told its name, at the start
// and with a record.
func TestUndeclaredStoresAreNamed(t *testing.T) {
	text := streams.String()
	uses := func(ctx *streams.Context[string, string], when string) {
		streams.NewKeyValueStore("seen-"+when, text, text).Open(ctx)
	}
	for _, declared := range [][]streams.Store{nil, {streams.NewKeyValueStore("other", text, text)}} {
		for _, when := range []string{"start", "record"} {
			topo := build(t, func(b *streams.Builder) {
				in := streams.Stream(b, "in", streams.String(), streams.String())
				streams.Process(in, func(ctx *streams.Context[string, string]) streams.Processor[string, string] {
					if when == "start" {
						uses(ctx, when)
					}
					return streams.ProcessorFunc[string, string](func(_ *streams.Record[string, string]) error {
						uses(ctx, when)
						return nil
					})
				}, streams.WithStores(declared...))
			})
			d, err := streamstest.New(topo, nil)
			if when == "record" && err == nil {
				err = d.Send("in", streamstest.Record{})
			}
			want := `store "seen-` + when + `": give it to the node that uses it, with WithStores`
			if !errors.Is(err, kinds.ErrUndeclared) || !strings.Contains(err.Error(), want) {
				t.Errorf("declared %v, used at the %s: error %v, want one with %q", declared, when, err, want)
			}
		}
	}
}

// The error of a panic has the stack, as nobody may have passed in a logger.
func TestPanicsComeWithTheirStack(t *testing.T) {
	d := start(t, build(t, func(b *streams.Builder) {
		in := streams.Stream(b, "in", streams.String(), streams.String())
		streams.MapValues(in, func(string) (string, error) { panic("at sea") })
	}), nil)
	err := d.Send("in", streamstest.Record{})
	for _, want := range []string{"in-0@0: panic: at sea\n", "TestPanicsComeWithTheirStack", "driver_test.go:"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// punctual emits the times at which it is called.
func punctual(t *testing.T, by topology.PunctuationType, closed *int) *streamstest.Driver {
	t.Helper()
	var g topology.Graph
	g.AddSource(topology.Source{Name: "s", Topic: "in", New: func(ctx topology.Context) topology.Handler {
		cancel := ctx.Schedule(10*time.Second, by, func(now time.Time) error {
			if _, ok := ctx.Metadata(); ok {
				return errors.New("a punctuation has a record")
			}
			return ctx.Emit("out", nil, fmt.Appendf(nil, "%d", now.Unix()), now, nil)
		})
		ctx.OnClose(func() { *closed++ })
		return func(r *topology.Record) error {
			if at, ok := ctx.Metadata(); !ok || at.Topic != "in" || at.Offset != r.Offset {
				return fmt.Errorf("metadata %v", at)
			}
			if string(r.Value) == "cancel" {
				cancel()
			}
			return nil
		}
	}})
	g.AddSink(topology.Sink{Name: "k", Topic: "out"}, "s")
	topo, err := g.Build()
	if err != nil {
		t.Fatal(err)
	}
	d, err := streamstest.New(topo, &streamstest.Options{Start: time.Unix(1000, 0)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// calls returns when a punctuation was called.
func calls(t *testing.T, d *streamstest.Driver) (out string) {
	t.Helper()
	if err := d.Commit(); err != nil {
		t.Fatal(err)
	}
	for _, r := range d.Read("out") {
		out += string(r.Value) + " "
	}
	return out
}

// The times are Kafka Streams': at the first record, then at multiples of the interval,
// once for all that were missed. After an abort they come again.
func TestPunctuationByStreamTime(t *testing.T) {
	closed := 0
	d := punctual(t, topology.StreamTime, &closed)
	send := func(value string, at ...int64) {
		for _, s := range at {
			if err := d.Send("in", streamstest.Record{Value: []byte(value), Timestamp: time.Unix(s, 0)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	send("", 1, 12, 13, 45)
	d.Advance(time.Hour)
	if got, want := calls(t, d), "1 12 45 "; got != want {
		t.Errorf("called at %s, want %s", got, want)
	}
	send("", 50)
	d.Abort()
	if got, want := calls(t, d), "50 "; got != want {
		t.Errorf("after an abort called at %s, want %s", got, want)
	}
	send("cancel", 55)
	send("", 80)
	if got := calls(t, d); got != "" {
		t.Errorf("called at %s after it was canceled", got)
	}
	if d.Close(); closed != 1 {
		t.Errorf("closed %d times, want once", closed)
	}
}

func TestPunctuationByTheClock(t *testing.T) {
	d := punctual(t, topology.WallClockTime, new(int))
	var got []string
	for _, by := range []time.Duration{9 * time.Second, time.Second, 35 * time.Second, 4 * time.Second, time.Second} {
		d.Advance(by)
		got = append(got, calls(t, d))
	}
	if want := []string{"", "1010 ", "1045 ", "", "1050 "}; !slices.Equal(got, want) {
		t.Errorf("called at %q, want %q", got, want)
	}
	d.Advance(10 * time.Second)
	d.Abort()
	d.Advance(time.Second)
	if got, want := calls(t, d), "1061 "; got != want {
		t.Errorf("after an abort called at %s, want %s", got, want)
	}
}

// What one commit writes to several topics that are read below is processed in the order of
// its timestamps, as in a task of an app, and not in that in which it was written.
func TestWhatIsWrittenIsReadInTheOrderOfTime(t *testing.T) {
	text := streams.String()
	latest := func(b *streams.Builder, topic string) *streams.KStream[string, string] {
		return streams.Table(b, topic, text, text, streams.StoreName(topic+"-rows")).ToStream()
	}
	d := start(t, build(t, func(b *streams.Builder) {
		one := streams.Repartition(latest(b, "a"), "one", text, text)
		other := streams.Repartition(latest(b, "b"), "other", text, text)
		streams.To(one.Merge(other), "out", text, text)
	}), nil)
	for i, topic := range []string{"a", "a", "b", "b"} {
		at := time.Unix([]int64{40, 20, 30, 10}[i], 0)
		if err := d.Send(topic, streamstest.Record{Key: []byte(fmt.Sprint(at.Unix())), Value: []byte("x"), Timestamp: at}); err != nil {
			t.Fatal(err)
		}
	}
	commit(t, d)
	// Each topic has its own order; of both, the earlier record comes first.
	if got, want := read(t, d), []string{"30", "10", "40", "20"}; !slices.Equal(got, want) {
		t.Errorf("output %q, want %q", got, want)
	}
}

// An extractor of timestamps knows the partition time of before a restart, as in an app.
func TestPartitionTimesSurviveARestart(t *testing.T) {
	var known []int64
	extract := func(r *streams.Record[string, string], latest time.Time) (time.Time, error) {
		known = append(known, latest.Unix())
		return r.Timestamp, nil
	}
	d := start(t, build(t, func(b *streams.Builder) {
		in := streams.Stream(b, "in", streams.String(), streams.String(), streams.WithTimestamps(extract))
		streams.To(in, "out", streams.String(), streams.String())
	}), nil)
	at := func(s int64) {
		if err := d.Send("in", streamstest.Record{Timestamp: time.Unix(s, 0)}); err != nil {
			t.Fatal(err)
		}
	}
	at(50)
	commit(t, d)
	at(90) // is aborted
	if err := d.Restart(false); err != nil {
		t.Fatal(err)
	}
	at(60)
	if want := []int64{time.Time{}.Unix(), 50, 50, 90}; !slices.Equal(known, want) {
		t.Errorf("partition times %v, want %v", known, want)
	}
}

// What a punctuation of an aborted epoch has made is lost, so it is called again before the
// commit, although nothing is sent.
func TestPunctuationsOfAnAbortedEpochAreCalledAgain(t *testing.T) {
	for _, restart := range []bool{false, true} {
		d := punctual(t, topology.WallClockTime, new(int))
		d.Advance(10 * time.Second)
		d.Abort()
		if got, want := calls(t, d), "1010 "; got != want {
			t.Errorf("called at %q, want %q", got, want)
		}
		d.Advance(10 * time.Second)
		if restart {
			if err := d.Restart(true); err != nil {
				t.Fatal(err)
			}
			d.Advance(9 * time.Second)
			if got := calls(t, d); got != "" {
				t.Errorf("called at %q after a restart, want an interval after it", got)
			}
			d.Advance(time.Second)
		}
		if got, want := calls(t, d), map[bool]string{false: "1020 ", true: "1030 "}[restart]; got != want {
			t.Errorf("restart %v: called at %q, want %q", restart, got, want)
		}
	}
}

// The topics that brokers and the app make for themselves match no pattern.
func TestPatternsMatchNoInternalTopic(t *testing.T) {
	d := start(t, build(t, func(b *streams.Builder) {
		in := streams.StreamPattern(b, regexp.MustCompile(".*"), streams.String(), streams.String())
		streams.Count(streams.GroupByKey(in, streams.String()), "counts")
	}), nil)
	send(t, d, "a")
	commit(t, d) // writes the changelog
	for _, topic := range []string{"__consumer_offsets", "streamstest-counts-changelog"} {
		if err := d.Send(topic, streamstest.Record{}); err == nil {
			t.Errorf("%s was read", topic)
		}
	}
	if got := count(t, d, "a"); got != 1 {
		t.Errorf("a is counted %d times, want 1", got)
	}
}
