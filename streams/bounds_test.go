package streams_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/streamstest"
	"github.com/suiro/suiro/streams/topology"
)

// explode makes n records of so many bytes of each value "n*bytes".
func explode(t *testing.T) *topology.Topology {
	t.Helper()
	return build(t, func(in *words) {
		toOut(streams.FlatMapValues(in, explodeValue))
	})
}

func explodeValue(v string, emit func(string) error) error {
	n, size := 0, 0
	if _, err := fmt.Sscanf(v, "%d*%d", &n, &size); err != nil {
		return streams.Reject(err)
	}
	for range n {
		if err := emit(strings.Repeat("x", size)); err != nil {
			return err
		}
	}
	return nil
}

// A record whose output does not fit into an epoch is rejected, and none of its output
// is written.
func TestARecordThatMakesTooMuchIsRejected(t *testing.T) {
	d := drive(t, explode(t), &streamstest.Options{Properties: map[string]string{"commit.max.bytes": "1048576"}})
	d.send("1*10", "1000*10000", "2*10")
	if got := len(d.read("out")); got != 3 {
		t.Errorf("%d records of output, want 3", got)
	}
	got := strings.Join(d.rejected(), "\n")
	for _, want := range []string{"production: ", "more than commit.max.bytes (1048576)", "raise commit.max.bytes"} {
		if !strings.Contains(got, want) {
			t.Errorf("rejected %q, want one with %q", got, want)
		}
	}
}

// An aggregate that outgrows the changelog is the fault of the record that makes it so:
// that one is rejected, the aggregate stays as it was, and other keys go on.
func TestAnAggregateThatOutgrowsItsChangelogIsARejection(t *testing.T) {
	join := func(_, v, a string) (string, error) { return a + v, nil }
	d := drive(t, build(t, func(in *words) {
		streams.Aggregate(streams.GroupByKey(in, streams.String()), "texts", func() string { return "" }, join, streams.String())
	}), &streamstest.Options{Properties: map[string]string{"max.request.size": "2000"}})
	part := strings.Repeat("x", 600)
	d.send("a="+part, "b=1", "a="+part, "a="+part, "a="+part, "b=2")
	d.commit()
	d.send("a="+part, "b=3", "a=y")
	d.commit()
	values := d.texts("texts")
	if got, want := values["a"], strings.Repeat(part, 3)+"y"; got != want || values["b"] != "123" {
		t.Errorf("a has %d bytes and b is %q, want %d and 123", len(got), values["b"], len(want))
	}
	rejected := d.Rejected()
	if len(rejected) != 2 || rejected[0].Offset != 4 || rejected[1].Offset != 6 {
		t.Fatalf("%d rejections %+v, want those of offsets 4 and 6", len(rejected), rejected)
	}
	for _, want := range []string{`key "a"`, "store texts", "max.request.size", "changelog streamstest-texts-changelog"} {
		if !strings.Contains(rejected[0].Reason, want) {
			t.Errorf("reason %q has no %q", rejected[0].Reason, want)
		}
	}
}

// What a processor puts into a store of its own is bounded too.
func TestAValueThatIsTooLargeForAStoreIsARejection(t *testing.T) {
	own := streams.NewKeyValueStore("own", streams.String(), streams.String())
	d := drive(t, build(t, func(in *words) {
		streams.Process(in, func(ctx *streams.Context[string, string]) streams.Processor[string, string] {
			kv := own.Open(ctx)
			return streams.ProcessorFunc[string, string](func(r *streams.Record[string, string]) error {
				return kv.Put(r.Key, r.Value)
			})
		}, streams.WithStores(own))
	}), &streamstest.Options{Properties: map[string]string{"max.request.size": "2000"}})
	d.send("a=1", "a="+strings.Repeat("x", 3000), "b=2")
	d.commit()
	if got, want := d.texts("own"), map[string]string{"a": "1", "b": "2"}; !maps.Equal(got, want) {
		t.Errorf("store %v, want %v", got, want)
	}
	got := strings.Join(d.rejected(), "\n")
	if want := `store own, key "a": the value is too large`; !strings.Contains(got, want) {
		t.Errorf("rejected %q, want one with %q", got, want)
	}
}

// An update that a topic does not take is a dead letter of the record that made it.
func TestAnUpdateThatDoesNotFitIsADeadLetter(t *testing.T) {
	d := drive(t, build(t, func(in *words) {
		table := streams.Count(streams.GroupByKey(in, streams.String()), "n")
		streams.To(streams.MapValues(table.ToStream(), func(n int64) (string, error) {
			return strings.Repeat("x", int(n)*1500), nil
		}), "out", streams.String(), streams.String())
	}), &streamstest.Options{Properties: map[string]string{"max.request.size": "2000"}})
	d.send("a=1", "a=2", "b=1")
	if got := d.read("out"); len(got) != 1 || !strings.HasPrefix(got[0], "b=") {
		t.Errorf("%d updates, want that of b", len(got))
	}
	rejected := d.Rejected()
	if len(rejected) != 1 || rejected[0].Offset != 1 || !strings.Contains(rejected[0].Reason, `key "a" of store n`) {
		t.Errorf("rejections %+v, want one of offset 1 that names store and key", rejected)
	}
	if got := d.counts("n"); got["a"] != 2 || got["b"] != 1 {
		t.Errorf("counts %v, want 2 and 1: what is stored is not undone", got)
	}
}

// One record from the year 2200 does not end everybody's windows.
func TestARecordFarAheadDoesNotExpireWindows(t *testing.T) {
	d := drive(t, build(t, func(in *words) {
		streams.CountWindows(streams.GroupByKey(in, streams.String()).WindowedBy(streams.TimeWindows{Size: time.Minute}), "n")
	}), nil)
	now := time.Now()
	for _, r := range []streamstest.Record{
		{Key: []byte("a"), Timestamp: now}, {Key: []byte("b"), Timestamp: now.AddDate(170, 0, 0)},
		{Key: []byte("c"), Timestamp: time.UnixMilli(1 << 60)}, {Key: []byte("c"), Timestamp: time.UnixMilli(-1 << 63)},
		{Key: []byte("a"), Timestamp: now},
	} {
		if err := d.Send("in", r); err != nil {
			t.Fatal(err)
		}
	}
	rejected := d.rejected()
	if len(rejected) != 3 || !strings.Contains(rejected[0], "ahead of the clock") || !strings.Contains(rejected[1], "between the years") {
		t.Errorf("rejected %q, want three: far ahead, and twice not a time", rejected)
	}
	for window, n := range d.windows("n") {
		if n != 2 || !strings.HasPrefix(window, "a@") {
			t.Errorf("window %s has %d, want a with 2", window, n)
		}
	}
}
