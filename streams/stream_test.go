package streams_test

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/streamstest"
	"github.com/suiro/suiro/streams/topology"
)

var errBad = errors.New("bad value")

// toOut writes text to topic "out".
func toOut(s *words) { streams.To(s, "out", streams.String(), streams.String()) }

// good rejects the value "bad".
func good(v string) (string, error) {
	if v == "bad" {
		return "", streams.Reject(errBad)
	}
	return strings.ToUpper(v), nil
}

func TestStatelessOperators(t *testing.T) {
	tests := []struct {
		name     string
		describe func(in *words)
		in, out  []string
		rejected []string
	}{
		{"To", toOut, []string{"a=1", "b=2", "a=3"}, []string{"a=1", "b=2", "a=3"}, nil},
		{"Filter",
			func(in *words) { toOut(in.Filter(func(k, v string) bool { return k == "a" && v != "2" })) },
			[]string{"a=1", "a=2", "b=1", "a=3"}, []string{"a=1", "a=3"}, nil},
		{"FilterNot",
			func(in *words) { toOut(in.FilterNot(func(k, _ string) bool { return k == "a" })) },
			[]string{"a=1", "b=1", "a=2"}, []string{"b=1"}, nil},
		{"Map",
			func(in *words) {
				toOut(streams.Map(in, func(k, v string) (string, string, error) {
					v, err := good(v)
					return "<" + k + ">", v, err
				}))
			},
			[]string{"a=x", "a=bad", "b=y"}, []string{"<a>=X", "<b>=Y"}, []string{"processing: bad value"}},
		{"MapValues",
			func(in *words) { toOut(streams.MapValues(in, good)) },
			[]string{"a=x", "b=bad", "b=y"}, []string{"a=X", "b=Y"}, []string{"processing: bad value"}},
		{"SelectKey",
			func(in *words) {
				toOut(streams.SelectKey(in, func(_, v string) (string, error) { return good(v) }))
			},
			[]string{"a=x", "a=bad"}, []string{"X=x"}, []string{"processing: bad value"}},
		{"FlatMap",
			func(in *words) {
				toOut(streams.FlatMap(in, func(k, v string, emit func(string, string) error) error {
					for i, part := range strings.Fields(v) {
						if err := emit(fmt.Sprint(k, i), part); err != nil {
							return err
						}
					}
					return nil
				}))
			},
			[]string{"a=x y", "b=", "c=z"}, []string{"a0=x", "a1=y", "c0=z"}, nil},
		{"FlatMapValues",
			func(in *words) {
				toOut(streams.FlatMapValues(in, func(v string, emit func(string) error) error {
					for part := range strings.FieldsSeq(v) {
						part, err := good(part)
						if err != nil {
							return err
						}
						if err := emit(part); err != nil {
							return err
						}
					}
					return nil
				}))
			},
			[]string{"a=x y", "a=bad", "a=z"}, []string{"a=X", "a=Y", "a=Z"}, []string{"processing: bad value"}},
		{"Merge",
			func(in *words) {
				odd := in.Filter(func(_, v string) bool { return v == "1" })
				even := streams.MapValues(in.FilterNot(func(_, v string) bool { return v == "1" }), good)
				toOut(odd.Merge(even))
			},
			[]string{"a=1", "a=x", "a=bad", "a=1"}, []string{"a=1", "a=X", "a=1"}, []string{"processing: bad value"}},
		{"several below one",
			func(in *words) {
				toOut(in)
				toOut(streams.MapValues(in, good))
			},
			[]string{"a=x", "b=y"}, []string{"a=x", "a=X", "b=y", "b=Y"}, nil},
		{"Repartition",
			func(in *words) { toOut(streams.Repartition(in, "again", streams.String(), streams.String())) },
			[]string{"a=1", "b=2", "a=3"}, []string{"a=1", "b=2", "a=3"}, nil},
		{"nothing below", func(in *words) { toOut(in.Filter(func(k, _ string) bool { return k != "a" })) },
			[]string{"a=1"}, []string{}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, partitions := range []int{1, 4} {
				d := drive(t, build(t, tt.describe), &streamstest.Options{Partitions: partitions})
				d.send(tt.in...)
				same(t, fmt.Sprintf("output, %d partitions", partitions), d.read("out"), tt.out)
				same(t, "rejected", d.rejected(), append([]string{}, tt.rejected...))
			}
		})
	}
}

func TestPeekSeesEveryRecordAndPassesItOn(t *testing.T) {
	var seen []string
	d := drive(t, build(t, func(in *words) {
		toOut(in.Peek(func(k, v string) { seen = append(seen, k+"="+v) }))
	}), nil)
	d.send("a=1", "b=2")
	want := []string{"a=1", "b=2"}
	same(t, "seen", seen, want)
	same(t, "output", d.read("out"), want)
}

// A merged stream is one node, however many streams lead to it.
func TestMergeIsOneNode(t *testing.T) {
	made := 0
	d := drive(t, build(t, func(in *words) {
		left := in.Filter(func(k, _ string) bool { return k == "l" })
		right := in.Filter(func(k, _ string) bool { return k == "r" })
		toOut(streams.Process(left.Merge(right), func(ctx *streams.Context[string, string]) streams.Processor[string, string] {
			made++
			n := 0
			return streams.ProcessorFunc[string, string](func(r *streams.Record[string, string]) error {
				n++
				r.Value = fmt.Sprint(n)
				return ctx.Forward(r)
			})
		}))
	}), nil)
	d.send("l=", "r=", "l=")
	same(t, "output", d.read("out"), []string{"l=1", "r=2", "l=3"})
	if made != 1 {
		t.Errorf("the node below Merge was made %d times, want once a task", made)
	}
}

// One task makes each node once, and another task others.
func TestProcessKeepsVariablesOfTasksApart(t *testing.T) {
	d := drive(t, build(t, func(in *words) {
		toOut(streams.Process(in, func(ctx *streams.Context[string, string]) streams.Processor[string, string] {
			n := 0
			return streams.ProcessorFunc[string, string](func(r *streams.Record[string, string]) error {
				n++
				return ctx.Forward(&streams.Record[string, string]{Key: ctx.TaskID().String(), Value: fmt.Sprint(n), Timestamp: r.Timestamp})
			})
		}))
	}), &streamstest.Options{Partitions: 2})
	for _, partition := range []int32{0, 1, 1, 0} {
		if err := d.SendTo("in", partition, streamstest.Record{}); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "output", d.read("out"), []string{"0_0=1", "0_1=1", "0_1=2", "0_0=2"})
}

// Process reads and writes any key of its stores; an abort undoes the writes.
func TestProcessUsesStores(t *testing.T) {
	last := streams.NewKeyValueStore("last", streams.String(), streams.String())
	d := drive(t, build(t, func(in *words) {
		toOut(streams.Process(in, func(ctx *streams.Context[string, string]) streams.Processor[string, string] {
			last := last.Open(ctx)
			return streams.ProcessorFunc[string, string](func(r *streams.Record[string, string]) error {
				before, _, err := last.Get("v")
				if err == nil {
					err = last.Put("v", r.Value)
				}
				if err != nil {
					return err
				}
				r.Value = before + ">" + r.Value
				return ctx.Forward(r)
			})
		}, streams.WithStores(last)))
	}), nil)
	d.send("k=1", "k=2")
	same(t, "first epoch", d.read("out"), []string{"k=>1", "k=1>2"})
	d.send("k=3")
	d.Abort()
	same(t, "after an abort", d.read("out"), []string{"k=2>3"})
}

func TestHeadersAndTimestampsPassThrough(t *testing.T) {
	d := drive(t, build(t, func(in *words) {
		mapped := streams.MapValues(in, good)
		toOut(streams.Repartition(streams.SelectKey(mapped, func(k, _ string) (string, error) { return k, nil }),
			"r", streams.String(), streams.String()))
	}), nil)
	r := record(t, "k=v@1234567")
	r.Headers = []streams.Header{{Key: "h", Value: []byte("1")}, {Key: "h", Value: nil}}
	if err := d.Send("in", r); err != nil {
		t.Fatal(err)
	}
	d.commit()
	out := d.Read("out")
	if len(out) != 1 {
		t.Fatalf("%d records, want 1", len(out))
	}
	if got := out[0].Timestamp; !got.Equal(second(1234567)) {
		t.Errorf("timestamp %v, want that of the input", got)
	}
	if got, want := fmt.Sprint(out[0].Headers), fmt.Sprint(r.Headers); got != want {
		t.Errorf("headers %s, want %s", got, want)
	}
}

// Records of a key keep their order through a repartition, whatever the
// number of partitions.
func TestOrderPerKeyIsKept(t *testing.T) {
	for _, partitions := range []int{1, 3, 8} {
		d := drive(t, build(t, func(in *words) {
			toOut(streams.Repartition(streams.SelectKey(in, func(k, v string) (string, error) { return "to-" + k, nil }),
				"r", streams.String(), streams.String()))
		}), &streamstest.Options{Partitions: partitions})
		const keys, each = 11, 50
		for i := range each {
			for k := range keys {
				d.send(fmt.Sprintf("k%d=%d", k, i))
			}
			if i%7 == 0 {
				d.commit()
			}
		}
		d.commit()
		next, partition := map[string]int{}, map[string]int32{}
		for _, r := range d.Read("out") {
			key := string(r.Key)
			if got, want := string(r.Value), fmt.Sprint(next[key]); got != want {
				t.Fatalf("%d partitions: %s has %s, want %s", partitions, key, got, want)
			}
			if p, ok := partition[key]; ok && p != r.Partition {
				t.Fatalf("%s is in partitions %d and %d", key, p, r.Partition)
			}
			next[key]++
			partition[key] = r.Partition
		}
		for key, n := range next {
			if n != each {
				t.Errorf("%d partitions: %s has %d records, want %d", partitions, key, n, each)
			}
		}
	}
}

func TestRejectionsNameStageAndRecord(t *testing.T) {
	b := streams.NewBuilder()
	in := streams.Stream(b, "in", streams.String(), streams.Int64())
	halved := streams.MapValues(in, func(n int64) (int64, error) {
		if n%2 != 0 {
			return 0, streams.Reject(fmt.Errorf("%d is odd", n))
		}
		return n / 2, nil
	})
	small := streams.NewSerde(func(n int64) ([]byte, error) {
		if n > 9 {
			return nil, fmt.Errorf("%d has more than one digit", n)
		}
		return fmt.Appendf(nil, "%d", n), nil
	}, nil)
	streams.To(halved, "out", streams.String(), small)
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	d := drive(t, topo, nil)
	ints := streamstest.Input(d.Driver, "in", streams.String(), streams.Int64())
	for _, n := range []int64{2, 3, 200, 18} {
		if err := ints.Send("k", n); err != nil {
			t.Fatal(err)
		}
	}
	d.send("k=not eight bytes")
	same(t, "output", d.read("out"), []string{"k=1", "k=9"})
	var got []string
	for _, r := range d.Rejected() {
		got = append(got, fmt.Sprintf("%s[%d]@%d %s: %s", r.Topic, r.Partition, r.Offset, r.Stage, r.Reason))
	}
	same(t, "rejected", got, []string{
		"in[0]@1 processing: 3 is odd",
		"in[0]@2 production: value: 100 has more than one digit",
		"in[0]@4 deserialization: value: the data has 15 bytes: a long has 8",
	})
}

func TestRejectedKeysSaySo(t *testing.T) {
	b := streams.NewBuilder()
	in := streams.Stream(b, "in", streams.Int64(), streams.String())
	odd := streams.NewSerde(func(n int64) ([]byte, error) { return nil, fmt.Errorf("no key for %d", n) }, nil)
	streams.To(in, "out", odd, streams.String())
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	d := drive(t, topo, nil)
	d.send("short=v")
	if err := streamstest.Input(d.Driver, "in", streams.Int64(), streams.String()).Send(7, "v"); err != nil {
		t.Fatal(err)
	}
	same(t, "rejected", d.rejected(), []string{
		"deserialization: key: the data has 5 bytes: a long has 8",
		"production: key: no key for 7",
	})
}

// A record over max.request.size is rejected with its size, and its dead
// letter is cut to fit and says so.
func TestLargeRecordsAreRejected(t *testing.T) {
	b := streams.NewBuilder()
	in := streams.Stream(b, "in", streams.Bytes(), streams.Bytes())
	streams.To(in, "out", streams.Bytes(), streams.Bytes())
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	d := drive(t, topo, &streamstest.Options{Properties: map[string]string{"max.request.size": "4096"}})
	large := streamstest.Record{Key: []byte("k"), Value: bytes.Repeat([]byte("x"), 5000)}
	if err := d.Send("in", large, record(t, "k=fits")); err != nil {
		t.Fatal(err)
	}
	same(t, "output", d.read("out"), []string{"k=fits"})
	rejected := d.Rejected()
	if len(rejected) != 1 {
		t.Fatalf("%d rejections, want 1", len(rejected))
	}
	r := rejected[0]
	if want := "record of 5087 bytes for topic out is over max.request.size 4096"; r.Stage != topology.Production || r.Reason != want {
		t.Errorf("%s: %s, want production: %s", r.Stage, r.Reason, want)
	}
	if len(r.Record.Value) >= 4096 || len(r.Record.Value) == 0 {
		t.Errorf("dead letter has %d bytes, want some below 4096", len(r.Record.Value))
	}
	last := r.Record.Headers[len(r.Record.Headers)-1]
	if last.Key != "__streams.errors.value.truncated.from" || string(last.Value) != "5000" {
		t.Errorf("last header %s=%s, want the true length", last.Key, last.Value)
	}
}

// An error that is not a rejection ends the app, and names the record.
func TestOtherErrorsStop(t *testing.T) {
	for name, f := range map[string]func(string) (string, error){
		"error": func(string) (string, error) { return "", errBad },
		"panic": func(string) (string, error) { panic(errBad) },
	} {
		t.Run(name, func(t *testing.T) {
			d := drive(t, build(t, func(in *words) { toOut(streams.MapValues(in, f)) }), nil)
			err := d.Send("in", record(t, "k=v"))
			for _, want := range []string{"task 0_0", "in-0@0", "bad value"} {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("error %v, want one with %q", err, want)
				}
			}
			if again := d.Commit(); !errors.Is(again, err) {
				t.Errorf("Commit after it = %v, want the same error", again)
			}
		})
	}
}

func TestRejectOfNilIsNil(t *testing.T) {
	if err := streams.Reject(nil); err != nil {
		t.Errorf("Reject(nil) = %v, want nil", err)
	}
	if err := streams.Reject(errBad); !errors.Is(err, errBad) {
		t.Errorf("Reject(err) = %v, want one that wraps err", err)
	}
}

// A record goes to the first branch whose test it passes.
func TestBranches(t *testing.T) {
	d := drive(t, build(t, func(in *words) {
		split := in.Split(streams.Named("by-length-"))
		long := split.Branch(func(_, v string) bool { return len(v) > 2 }, streams.Named("long"))
		some := split.Branch(func(_, v string) bool { return v != "" })
		to := func(s *words, name string) { streams.To(s, name, streams.String(), streams.String()) }
		to(long, "long")
		to(some, "some")
		to(split.Default(), "none")
	}), nil)
	d.send("a=xxx", "b=x", "c=", "d=yyy")
	same(t, "long", d.read("long"), []string{"a=xxx", "d=yyy"})
	same(t, "some", d.read("some"), []string{"b=x"})
	same(t, "none", d.read("none"), []string{"c="})
}

func TestForeachAndPrint(t *testing.T) {
	var seen []string
	var out strings.Builder
	d := drive(t, build(t, func(in *words) {
		in.Foreach(func(k, v string) { seen = append(seen, k+v) })
		in.Print(&out)
	}), nil)
	d.send("a=x", "b=y")
	same(t, "seen", seen, []string{"ax", "by"})
	if got, want := out.String(), "[KSTREAM-SOURCE-0000000000]: a, x\n[KSTREAM-SOURCE-0000000000]: b, y\n"; got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
}

// Each record goes to a topic and partition of its own choice.
func TestToAChosenTopicAndPartition(t *testing.T) {
	d := drive(t, build(t, func(in *words) {
		choose := func(r *streams.Record[string, string], from streams.Position) (string, error) {
			return r.Value + "-of-" + from.Topic, nil
		}
		streams.ToChosen(in, choose, streams.String(), streams.String(),
			streams.WithPartitioner(func(_, _, value string, n int) int32 { return int32(len(value) * n / 4) }))
	}), &streamstest.Options{Partitions: 4})
	d.send("a=x", "b=yyy", "c=not a name", "d=zzzzz")
	d.commit()
	for topic, partition := range map[string]int32{"x-of-in": 1, "yyy-of-in": 3} {
		out := d.Read(topic)
		if len(out) != 1 || out[0].Partition != partition {
			t.Errorf("topic %s has %+v, want one record in partition %d", topic, out, partition)
		}
	}
	want := "production: the partitioner chose partition 5 of topic zzzzz-of-in, which has 4"
	if got := d.rejected(); len(got) != 2 || !strings.HasPrefix(got[0], "production: choose a topic: ") || got[1] != want {
		t.Errorf("rejected %q, want a name that Kafka does not allow, and %s", got, want)
	}
}

// One source may read several topics, or all whose names match; a timestamp may be taken
// from the value.
// A topic that a record chooses is not known before, and it must not damage the app's state.
func TestRecordsMayNotChooseInternalTopics(t *testing.T) {
	d := drive(t, build(t, func(in *words) {
		choose := func(r *streams.Record[string, string], _ streams.Position) (string, error) { return r.Value, nil }
		streams.ToChosen(in, choose, streams.String(), streams.String())
		streams.Count(streams.GroupBy(in, "by-value", func(_, v string) (string, error) { return v, nil }, streams.String(),
			streams.String()), "counts")
	}), nil)
	d.send("a=streamstest-counts-changelog", "a=streamstest-by-value-repartition", "a=counts")
	rest := " is an internal topic of the app, which only the app itself writes: choose another one"
	same(t, "rejections", d.rejected(), []string{"production: choose a topic: streamstest-counts-changelog" + rest,
		"production: choose a topic: streamstest-by-value-repartition" + rest})
	same(t, "records", texts(d.Read("counts")), []string{"a=counts"})
}

// Streams of one topic share its source, each with Serdes and records of its own.
func TestStreamsOfOneTopicShareASource(t *testing.T) {
	b := streams.NewBuilder()
	text := readText(b, "in")
	raw := streams.Stream(b, "in", streams.Bytes(), streams.Bytes())
	toText(streams.Process(text, func(ctx *streams.Context[string, string]) streams.Processor[string, string] {
		return streams.ProcessorFunc[string, string](func(r *streams.Record[string, string]) error {
			r.Value, r.Headers[0].Key = "changed", "changed"
			return ctx.Forward(r)
		})
	}), "texts")
	streams.To(raw, "raw", streams.Bytes(), streams.Bytes())
	streams.Count(streams.GroupByKey(readText(b, "in"), streams.String()), "counts")
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	d := drive(t, topo, nil)
	r := streamstest.Record{Key: []byte("k"), Value: []byte("v"), Headers: []streams.Header{{Key: "h"}}}
	if err := d.Send("in", r); err != nil {
		t.Fatal(err)
	}
	same(t, "texts", d.read("texts"), []string{"k=changed"})
	copied := d.Read("raw")
	same(t, "raw records", texts(copied), []string{"k=v"})
	if got := copied[0].Headers[0].Key; got != "h" {
		t.Errorf("the header is %q, want that of the record", got)
	}
	if got := d.counts("counts")["k"]; got != 1 {
		t.Errorf("k is counted %d times, want 1", got)
	}
}

// The nodes below streams of one topic get a record in the order in which they were added.
func TestStreamsOfOneTopicKeepTheOrderOfTheirNodes(t *testing.T) {
	b := streams.NewBuilder()
	one, other := readText(b, "in"), readText(b, "in")
	order := ""
	see := func(name string) func(string, string) { return func(string, string) { order += name } }
	other.Peek(see("a")).Peek(see("b"))
	one.Peek(see("c"))
	other.Peek(see("d"))
	one.Peek(see("e"))
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	drive(t, topo, nil).send("k=v")
	if want := "abcde"; order != want {
		t.Errorf("order %s, want %s", order, want)
	}
}

func TestSourcesOfSeveralTopics(t *testing.T) {
	atValue := streams.WithTimestamps(func(r *streams.Record[string, string], _ time.Time) (time.Time, error) {
		return time.Parse(time.DateOnly, r.Value)
	})
	text := streams.String()
	for name, read := range map[string]func(b *streams.Builder) *words{
		"list": func(b *streams.Builder) *words {
			return streams.StreamTopics(b, []string{"in-a", "in-b"}, text, text, atValue)
		},
		"pattern": func(b *streams.Builder) *words {
			return streams.StreamPattern(b, regexp.MustCompile("in-."), text, text, atValue)
		},
	} {
		b := streams.NewBuilder()
		toOut(read(b))
		topo, err := b.Build()
		if err != nil {
			t.Fatal(err)
		}
		d := drive(t, topo, nil)
		for _, topic := range []string{"in-a", "in-b"} {
			if err := d.Send(topic, streamstest.Record{Value: []byte("2001-02-03")}); err != nil {
				t.Fatal(err)
			}
		}
		d.commit()
		out := d.Read("out")
		if len(out) != 2 || !out[1].Timestamp.Equal(time.Date(2001, 2, 3, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%s: output %+v, want two records of 2001-02-03", name, out)
		}
	}
}

// closer counts how often it was closed.
type closer struct {
	streams.ProcessorFunc[string, string]
	closed *int
}

func (c closer) Close() { *c.closed++ }

// A processor forwards to one node below by its name, and is closed with its task.
func TestForwardToANamedNode(t *testing.T) {
	closed := 0
	d := drive(t, build(t, func(in *words) {
		out := streams.Process(in, func(ctx *streams.Context[string, string]) streams.Processor[string, string] {
			return closer{func(r *streams.Record[string, string]) error {
				return ctx.ForwardTo(r.Value, r)
			}, &closed}
		})
		for _, name := range []string{"left", "right"} {
			streams.To(out, name, streams.String(), streams.String(), streams.Named(name))
		}
	}), nil)
	d.send("a=left", "b=right", "c=left")
	same(t, "left", d.read("left"), []string{"a=left", "c=left"})
	same(t, "right", d.read("right"), []string{"b=right"})
	if err := d.Restart(false); err != nil {
		t.Fatal(err)
	}
	if closed != 1 {
		t.Errorf("the processor was closed %d times, want once", closed)
	}
	err := d.Send("in", record(t, "a=elsewhere"))
	if want := "forwards to elsewhere, which is not below it"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Send = %v, want an error with %q", err, want)
	}
}

// What ProcessValues forwards has the key of its record, so that it is not repartitioned.
func TestProcessValuesKeepsKeys(t *testing.T) {
	d := drive(t, build(t, func(in *words) {
		out := streams.ProcessValues(in, func(ctx *streams.Context[string, int64]) streams.Processor[string, string] {
			return streams.ProcessorFunc[string, string](func(r *streams.Record[string, string]) error {
				return ctx.Forward(&streams.Record[string, int64]{Key: "other", Value: int64(len(r.Value)), Timestamp: r.Timestamp})
			})
		})
		streams.Count(streams.GroupByKey(out, streams.String()), "n")
		streams.To(out, "out", streams.String(), show[int64]("%d"))
	}), nil)
	d.send("a=x", "b=yyy")
	same(t, "output", d.read("out"), []string{"a=1", "b=3"})
}

// A processor sees what an aggregate is so far, before the commit too.
func TestProcessorsReadTables(t *testing.T) {
	d := drive(t, build(t, func(in *words) {
		counts := streams.StoreOf(streams.Count(streams.GroupByKey(in, streams.String()), "n"))
		toOut(streams.Process(in, func(ctx *streams.Context[string, string]) streams.Processor[string, string] {
			rows := counts.Open(ctx)
			return streams.ProcessorFunc[string, string](func(r *streams.Record[string, string]) error {
				n, at, ok, err := rows.Get(r.Key)
				if err != nil {
					return err
				}
				r.Value = fmt.Sprint(n, ok, at.Unix())
				return ctx.Forward(r)
			})
		}, streams.WithStores(counts)))
	}), nil)
	d.send("a=@5", "a=@7", "b=@8")
	same(t, "output", d.read("out"), []string{"a=1 true 5", "a=2 true 7", "b=1 true 8"})
}

// Keys of a store come in the order of their bytes.
func TestRangeOfAStore(t *testing.T) {
	store := streams.NewKeyValueStore("all", streams.String(), streams.String())
	d := drive(t, build(t, func(in *words) {
		toOut(streams.Process(in, func(ctx *streams.Context[string, string]) streams.Processor[string, string] {
			all := store.Open(ctx)
			return streams.ProcessorFunc[string, string](func(r *streams.Record[string, string]) error {
				if r.Value != "list" {
					return all.Put(r.Key, r.Value)
				}
				to := r.Key
				return all.Range(nil, &to, func(k, v string) (bool, error) {
					err := ctx.Forward(&streams.Record[string, string]{Key: k, Value: v, Timestamp: r.Timestamp})
					return err == nil, errors.Join(err, all.Delete(k))
				})
			})
		}, streams.WithStores(store)))
	}), nil)
	d.send("c=3", "a=1", "b=2", "c=list", "z=list")
	same(t, "output", d.read("out"), []string{"a=1", "b=2", "c=3"})
}
