package streams_test

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/streams"
)

// mistake is one in the making of a topology, with the text that tells a stranger what to
// change. line says that the text begins with the line that is to blame.
type mistake struct {
	name string
	make func(b *streams.Builder, in *words)
	line bool
	want string
}

const nilArgument = "nil: it needs each of its arguments, such as streams.String() for a Serde"

func keep(string, string) bool { return true }

func add(_, _ string, n int64) (int64, error) { return n, nil }

// nilMistakes are operators that were given nil.
var nilMistakes = []mistake{
	{"Filter", func(_ *streams.Builder, in *words) { in.Filter(nil) }, true,
		"Filter was given nil for a function: pass a func(string, string) bool"},
	{"FilterNot", func(_ *streams.Builder, in *words) { in.FilterNot(nil) }, true,
		"Filter was given nil for a function: pass a func(string, string) bool"},
	{"Peek", func(_ *streams.Builder, in *words) { in.Peek(nil) }, true,
		"Peek was given nil for a function: pass a func(string, string)"},
	{"Foreach", func(_ *streams.Builder, in *words) { in.Foreach(nil) }, true,
		"Foreach was given nil for a function: pass a func(string, string)"},
	{"Print", func(_ *streams.Builder, in *words) { in.Print(nil) }, true, "Print was given " + nilArgument},
	{"MapValues", func(_ *streams.Builder, in *words) { streams.MapValues[string, string, int64](in, nil) }, true,
		"MapValues was given nil for a function: pass a func(string, string) (int64, error)"},
	{"Map", func(_ *streams.Builder, in *words) { streams.Map[string, string, string, int64](in, nil) }, true,
		"Map was given nil for a function: pass a func(string, string) (string, int64, error)"},
	{"SelectKey", func(_ *streams.Builder, in *words) { streams.SelectKey[string, string, int64](in, nil) }, true,
		"SelectKey was given nil for a function: pass a func(string, string) (int64, error)"},
	{"FlatMap", func(_ *streams.Builder, in *words) { streams.FlatMap[string, string, string, string](in, nil) }, true,
		"FlatMap was given nil for a function: pass a func(string, string, func(string, string) error) error"},
	{"FlatMapValues", func(_ *streams.Builder, in *words) { streams.FlatMapValues[string, string, string](in, nil) }, true,
		"FlatMapValues was given nil for a function: pass a func(string, string, func(string) error) error"},
	{"Branch", func(_ *streams.Builder, in *words) { in.Split().Branch(nil) }, true,
		"Branch was given nil for a function: pass a func(string, string) bool"},
	{"ToChosen", func(_ *streams.Builder, in *words) { streams.ToChosen(in, nil, streams.String(), streams.String()) }, true,
		"ToChosen was given nil for a function: pass a func(*streams.Record[string,string], topology.Position) (string, error)"},
	{"To", func(_ *streams.Builder, in *words) { streams.To(in, "out", nil, streams.String()) }, true,
		"To was given " + nilArgument},
	{"Stream", func(b *streams.Builder, _ *words) {
		streams.Stream(b, "other", streams.String(), streams.Serde[string](nil))
	},
		true, "Stream was given " + nilArgument},
	{"Table", func(b *streams.Builder, _ *words) {
		streams.Table(b, "other", streams.Serde[string](nil), streams.String())
	},
		true, "Table was given " + nilArgument},
	{"Repartition", func(_ *streams.Builder, in *words) { streams.Repartition(in, "r", nil, streams.String()) }, true,
		"Repartition was given " + nilArgument},
	{"GroupByKey", func(_ *streams.Builder, in *words) { streams.GroupByKey(in, nil) }, true,
		"GroupByKey was given " + nilArgument},
	{"GroupBy", func(_ *streams.Builder, in *words) {
		streams.GroupBy[string, string, string](in, "g", nil, streams.String(), streams.String())
	}, true, "GroupBy was given nil for a function: pass a func(string, string) (string, error)"},
	{"Aggregate", func(_ *streams.Builder, in *words) {
		streams.Aggregate(streams.GroupByKey(in, streams.String()), "n", nil, add, streams.Int64())
	}, true, "Aggregate was given nil for a function: pass a func() int64"},
	{"Reduce", func(_ *streams.Builder, in *words) {
		streams.Reduce(streams.GroupByKey(in, streams.String()), "n", nil, streams.String())
	}, true, "Reduce was given nil for a function: pass a func(string, string) (string, error)"},
	{"AggregateSessions", func(_ *streams.Builder, in *words) {
		w := streams.GroupByKey(in, streams.String()).SessionWindowedBy(streams.SessionWindows{InactivityGap: time.Second})
		streams.AggregateSessions(w, "n", func() int64 { return 0 }, add, nil, streams.Int64())
	}, true, "AggregateSessions was given nil for a function: pass a func(string, int64, int64) (int64, error)"},
	{"Cogroup", func(_ *streams.Builder, in *words) {
		streams.Cogroup[string, string, int64](streams.GroupByKey(in, streams.String()), nil)
	}, true, "Cogroup was given nil for a function: pass a func(string, string, int64) (int64, error)"},
	{"WindowedBy", func(_ *streams.Builder, in *words) {
		streams.CountWindows(streams.GroupByKey(in, streams.String()).WindowedBy(nil), "n")
	}, true, "the windows of an aggregate are nil: pass some, such as streams.TimeWindows{Size: time.Minute}"},
	{"Filter of a table", func(b *streams.Builder, _ *words) { latest(b, "t").Filter(nil) }, true,
		"Filter was given nil for a function: pass a func(string, string) bool"},
	{"MapTable", func(b *streams.Builder, _ *words) { streams.MapTable[string, string, string](latest(b, "t"), nil) }, true,
		"MapTable was given nil for a function: pass a func(string, string) (string, error)"},
	{"JoinTables", func(b *streams.Builder, _ *words) {
		streams.JoinTables[string, string, string, string](latest(b, "t"), latest(b, "u"), nil)
	}, true, "JoinTables was given nil for a function: pass a function"},
	{"Process", func(_ *streams.Builder, in *words) { streams.Process[string, string, string, string](in, nil) }, true,
		"Process was given nil for a function: pass a func(*streams.Context[string,string]) streams.Processor[string,string]"},
	{"WithTimestamps", func(b *streams.Builder, _ *words) {
		streams.Stream(b, "other", streams.String(), streams.String(), streams.WithTimestamps[string, string](nil))
	}, true, "Stream was given nil for a function: pass a func(*streams.Record[string,string], time.Time) (time.Time, error)"},
	{"WithPartitioner", func(_ *streams.Builder, in *words) {
		streams.To(in, "out", streams.String(), streams.String(), streams.WithPartitioner[string, string](nil))
	}, true, "To was given nil for a function: pass a func(string, string, string, int) int32"},
	{"GlobalTable", func(b *streams.Builder, _ *words) { streams.GlobalTable[string, string](b, "g", nil, streams.String()) }, true,
		"GlobalTable was given " + nilArgument},
	{"JoinGlobal", func(b *streams.Builder, in *words) {
		g := streams.GlobalTable(b, "g", streams.String(), streams.String())
		streams.JoinGlobal[string, string, string, string, string](in, g, nil, both)
	}, true, "JoinGlobal was given nil for a function: pass a func(string, string) (string, error)"},
	{"NewWindowStore", func(_ *streams.Builder, in *words) {
		store := streams.NewWindowStore[string, string]("w", time.Hour, time.Minute, nil, streams.String())
		streams.Process(in, unchanged, streams.WithStores(store))
	}, true, "NewWindowStore was given " + nilArgument},
}

// windowMistakes are times that cannot be.
var windowMistakes = []mistake{
	{"a negative size", windows(streams.TimeWindows{Size: -time.Minute}), true,
		"time windows of -1m0s that advance by -1m0s with grace 0s: size and advance must be at least 1ms, advance at most " +
			"size, and grace not negative"},
	{"a negative grace", windows(streams.TimeWindows{Size: time.Minute, Grace: -1}), true,
		"time windows of 1m0s that advance by 1m0s with grace -1ns: size and advance must be at least 1ms, advance at most " +
			"size, and grace not negative"},
	{"half milliseconds", windows(streams.TimeWindows{Size: 1500 * time.Microsecond}), true,
		"time windows with 1.5ms: timestamps have whole milliseconds only, so give it in these"},
	{"a retention that is too short", windows(streams.TimeWindows{Size: time.Minute, Retention: time.Second}), true,
		"windows with a retention of 1s: it must be at least Size + Grace, 1m0s"},
	{"sliding windows of nothing", windows(streams.SlidingWindows{}), true,
		"sliding windows with a time difference of 0s and grace 0s: the difference must be at least 1ms, and grace not " +
			"negative"},
	{"unlimited windows from before 1970", windows(streams.UnlimitedWindows{Start: time.Unix(-1, 0).UTC()}), true,
		"unlimited windows that begin at 1969-12-31 23:59:59 +0000 UTC: the earliest is 1970-01-01 UTC"},
	{"a join without a length", func(b *streams.Builder, in *words) {
		s := streams.String()
		streams.Join(in, readText(b, "other"), streams.JoinWindows{}, both, s, s, s)
	}, true, "the window of a join has no length and no grace, so that nothing would join: give it a grace"},
	{"a suppression back in time", func(b *streams.Builder, _ *words) {
		latest(b, "t").Suppress(streams.UntilTimeLimit(-time.Second, streams.BufferConfig{}))
	}, true, "Suppress for -1s with at most 0 records and 0 bytes: none of them can be negative"},
	{"no partition", func(_ *streams.Builder, in *words) {
		streams.Repartition(in, "r", streams.String(), streams.String(), streams.WithPartitions(0))
	}, true, "WithPartitions(0): a topic has at least one partition"},
}

func windows(w streams.Windows) func(*streams.Builder, *words) {
	return func(_ *streams.Builder, in *words) { byKey(in).WindowedBy(w) }
}

// graphMistakes are about several nodes, or their names.
var graphMistakes = []mistake{
	{"two stores of one name", func(_ *streams.Builder, in *words) {
		streams.Count(byKey(in), "counts")
		streams.Count(byKey(in), "counts")
	}, true, `two tables keep their values in store "counts": give each its own`},
	{"stores of one name and two kinds", func(_ *streams.Builder, in *words) {
		streams.Count(byKey(in), "counts")
		streams.Process(in, unchanged, streams.WithStores(
			streams.NewKeyValueStore("counts", streams.String(), streams.String())))
	}, false, `store "counts" is a timestamped key-value store for one node and a key-value store for another, or they ` +
		`differ in its retention, window size or changelog: give each its own store`},
	{"two nodes of one name", func(_ *streams.Builder, in *words) {
		in.Filter(keep, streams.Named("mine")).Filter(keep, streams.Named("mine"))
	}, false, `two nodes are named "mine": give each its own name`},
	{"two repartition topics of one name", func(_ *streams.Builder, in *words) {
		streams.Repartition(in, "mine", streams.String(), streams.String())
		streams.Repartition(in, "mine", streams.String(), streams.String())
	}, false, `two repartition topics are named "mine": give each its own name`},
	{"a store that cannot have its name", func(_ *streams.Builder, in *words) { streams.Count(byKey(in), "a/b") }, false,
		`node KSTREAM-AGGREGATE-0000000001 has a store that cannot have its name: "a/b" has the byte "/": use letters, ` +
			`digits, full stops, dashes and underscores`},
	{"a topic without a name", func(b *streams.Builder, _ *words) { streams.StreamTopics(b, nil, streams.String(), streams.String()) },
		false, `source "KSTREAM-SOURCE-0000000001" reads no topic: name one, or give it a pattern`},
	{"a reset that is none", func(b *streams.Builder, _ *words) {
		streams.Stream(b, "other", streams.String(), streams.String(), streams.WithOffsetReset("first"))
	}, false, `source "KSTREAM-SOURCE-0000000001" is to begin at "first" where the group has no offset: choose earliest, ` +
		`latest or none`},
	{"an output without a name", func(_ *streams.Builder, in *words) { streams.To(in, "", streams.String(), streams.String()) },
		true, `node KSTREAM-SINK-0000000001 writes a topic that cannot exist: the name is empty`},
	{"a cycle", func(_ *streams.Builder, in *words) { streams.To(in, "in", streams.String(), streams.String()) }, false,
		`it reads its own output: topic in is both read and written, and each record would be processed again without end: ` +
			`write another topic`},
	{"a Serde that nobody has named", func(_ *streams.Builder, in *words) {
		streams.Count(streams.GroupByKey(streams.Map(in, swap), streams.String()), "counts")
	}, true, `group by key below KSTREAM-MAP-0000000001: KSTREAM-MAP-0000000001 may have changed the keys, so that the ` +
		`stream goes through a repartition topic, and the Serde of its values is not known: pass ValueSerde, or if the keys ` +
		`did not change, call MarkAsPartitioned`},
	{"a table whose Serde nobody has named", func(b *streams.Builder, _ *words) {
		streams.JoinTables(latest(b, "t"), latest(b, "u"), both, streams.StoreName("kept"))
	}, false, `node KTABLE-MERGE-0000000005: the table is kept in store kept, and the Serde of its keys or values is not ` +
		`known: pass KeySerde and ValueSerde`},
	{"a table without a store", func(b *streams.Builder, in *words) {
		mapped := streams.MapTable(latest(b, "t"), func(_, v string) (string, error) { return v, nil })
		streams.Process(in, unchanged, streams.WithStores(streams.StoreOf(mapped)))
	}, true, `node KTABLE-MAPVALUES-0000000003: a processor needs the store of the table, which has none: pass StoreName`},
	{"an option of another operator", func(_ *streams.Builder, in *words) { in.Filter(keep, streams.WithoutCaching()) }, true,
		`Filter does not take the option WithoutCaching: it takes Named`},
	{"a topic that is read twice in two ways", func(b *streams.Builder, _ *words) {
		streams.Stream(b, "in", streams.String(), streams.String(), streams.WithOffsetReset("latest"))
	}, true, `Stream reads topics that are read already, with other options: give WithTimestamps and WithOffsetReset where ` +
		`they are read first`},
	{"a stream and a table of one topic", func(b *streams.Builder, _ *words) {
		streams.Table(b, "in", streams.String(), streams.String())
	}, false,
		`sources "KSTREAM-SOURCE-0000000000" and "KSTREAM-SOURCE-0000000002" both read topic "in": read it once and branch`},
	{"no option", func(_ *streams.Builder, in *words) { in.Filter(keep, streams.Option{}) }, true,
		`Filter does not take the option that is empty: it takes Named`},
}

// Each text is the whole of it, for somebody to read.
func TestEachMistakeSaysWhatToChange(t *testing.T) {
	place := regexp.MustCompile(`^mistakes_test\.go:[0-9]+: `)
	for _, m := range append(append(nilMistakes, windowMistakes...), graphMistakes...) {
		b := streams.NewBuilder()
		m.make(b, readText(b, "in"))
		_, err := b.Build()
		got, begins := strings.CutPrefix(fmt.Sprint(err), "build topology: ")
		if line := place.MatchString(got); !begins || line != m.line {
			t.Errorf("%s: %v, with a line %v, want it %v", m.name, err, line, m.line)
		}
		if got := place.ReplaceAllString(got, ""); got != m.want {
			t.Errorf("%s:\n got %s\nwant %s", m.name, got, m.want)
		}
	}
}

// The mistakes of calls and those of the whole topology come together.
func TestAllMistakesAreToldTogether(t *testing.T) {
	b := streams.NewBuilder()
	in := readText(b, "in")
	var all []mistake
	for _, m := range append(append(nilMistakes[:2:2], windowMistakes[:3]...), graphMistakes[2:4]...) {
		all = append(all, m)
		m.make(b, in)
	}
	_, err := b.Build()
	if got, want := len(strings.Split(fmt.Sprint(err), "\n")), len(all); got != want {
		t.Errorf("%d mistakes, want %d:\n%v", got, want, err)
	}
	for _, m := range all {
		if !strings.Contains(fmt.Sprint(err), m.want) {
			t.Errorf("%s is not told:\n%v", m.name, err)
		}
	}
}

// A grace for ever must not overflow to none.
func TestAGraceMayBeForEver(t *testing.T) {
	for _, w := range []streams.Windows{
		streams.TimeWindows{Size: time.Second, Grace: math.MaxInt64 / time.Millisecond * time.Millisecond},
		streams.SlidingWindows{TimeDifference: time.Second, Grace: math.MaxInt64 / time.Millisecond * time.Millisecond},
	} {
		d := drive(t, build(t, func(in *words) { streams.CountWindows(byKey(in).WindowedBy(w), "counts") }), nil)
		d.send("a=x@100", "a=x@200000000", "a=x@100")
		d.commit()
		if got := d.windows("counts")["a@100"] + d.windows("counts")["a@99"]; got != 2 {
			t.Errorf("%T: the first window has %d records, want 2", w, got)
		}
	}
}
