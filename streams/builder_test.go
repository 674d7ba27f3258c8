package streams_test

import (
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/streams"
)

func TestBuildTellsEveryMistakeAtOnce(t *testing.T) {
	b := streams.NewBuilder()
	in := streams.Stream(b, "in", streams.String(), streams.String())
	grouped := streams.GroupByKey(in, streams.String())
	grouped.WindowedBy(streams.TimeWindows{Size: time.Minute, Advance: time.Hour})
	grouped.WindowedBy(streams.TimeWindows{})
	grouped.WindowedBy(streams.TimeWindows{Size: time.Minute, Grace: -1})
	_, err := b.Build()
	for _, want := range []string{
		"time windows of 1m0s that advance by 1h0m0s with grace 0s: size and advance must be at least 1ms",
		"time windows of 0s that advance by 0s",
		"with grace -1ns",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error has no %q:\n%v", want, err)
		}
	}
}

// refusal is a topology that Build refuses.
type refusal struct {
	name, want string
	describe   func(b *streams.Builder)
}

func copies(b *streams.Builder, from, to string) {
	streams.To(streams.Stream(b, from, streams.String(), streams.String()), to, streams.String(), streams.String())
}

// grouping groups by key below what change makes of topic "in".
func grouping(change func(*words) *words) func(*streams.Builder) {
	return func(b *streams.Builder) {
		in := streams.Stream(b, "in", streams.String(), streams.String())
		streams.Count(streams.GroupByKey(change(in), streams.String()), "counts")
	}
}

func swap(k, v string) (string, string, error) { return v, k, nil }

func unchanged(ctx *streams.Context[string, string]) streams.Processor[string, string] {
	return streams.ProcessorFunc[string, string](ctx.Forward)
}

// rekeyed are streams that must be repartitioned, and whose values nobody knows to write.
var rekeyed = []refusal{
	{"GroupByKey after Map", "KSTREAM-MAP-0000000001 may have changed the keys",
		grouping(func(s *words) *words { return streams.Map(s, swap) })},
	{"GroupByKey after FlatMap", "pass ValueSerde",
		grouping(func(s *words) *words {
			return streams.FlatMap(s, func(k, v string, emit func(string, string) error) error { return emit(v, k) })
		})},
	{"GroupByKey after Process", "if the keys did not change, call MarkAsPartitioned",
		grouping(func(s *words) *words { return streams.Process(s, unchanged) })},
	{"GroupByKey further below", "group by key below KSTREAM-MERGE-0000000003: KSTREAM-MAP-0000000001 may",
		grouping(func(s *words) *words {
			return streams.MapValues(streams.Map(s, swap), good).Merge(s)
		})},
	{"an option that an operator does not take", "Filter does not take the option WithoutCaching: it takes Named",
		grouping(func(s *words) *words {
			return s.Filter(func(string, string) bool { return true }, streams.WithoutCaching())
		})},
	{"a Serde of another type", "it needs one of string", func(b *streams.Builder) {
		in := streams.Stream(b, "in", streams.String(), streams.String())
		streams.GroupByKey(in, streams.String(), streams.ValueSerde(streams.Int64()))
	}},
}

// The keys of these streams are those of the topic.
func TestGroupByKeyTakesStreamsThatKeepTheirKeys(t *testing.T) {
	for name, change := range map[string]func(*words) *words{
		"FlatMapValues": func(s *words) *words {
			return streams.FlatMapValues(s, func(v string, emit func(string) error) error { return emit(v) })
		},
		"Filter and MapValues": func(s *words) *words {
			return streams.MapValues(s.Filter(func(string, string) bool { return true }), good)
		},
		"Repartition after Map": func(s *words) *words {
			return streams.Repartition(streams.Map(s, swap), "by-value", streams.String(), streams.String())
		},
		"MarkAsPartitioned": func(s *words) *words { return streams.Process(s, unchanged).MarkAsPartitioned() },
	} {
		b := streams.NewBuilder()
		grouping(change)(b)
		if _, err := b.Build(); err != nil {
			t.Errorf("%s: Build = %v, want nil", name, err)
		}
	}
}

func TestBuildRefusesTopologiesThatCannotRun(t *testing.T) {
	tests := []refusal{
		{"nothing", "no source", func(*streams.Builder) {}},
		{"a topic read twice", `both read topic "in": read it once and branch`, func(b *streams.Builder) {
			streams.Stream(b, "in", streams.String(), streams.String())
			streams.Table(b, "in", streams.Bytes(), streams.Bytes())
		}},
		{"two tables in a store", `two tables keep their values in store "counts"`, func(b *streams.Builder) {
			in := streams.GroupByKey(streams.Stream(b, "in", streams.String(), streams.String()), streams.String())
			streams.Count(in, "counts")
			streams.CountWindows(in.WindowedBy(streams.TimeWindows{Size: time.Minute}), "counts")
		}},
		{"its own output", "it reads its own output: topic in is both read and written",
			func(b *streams.Builder) { copies(b, "in", "in") }},
		{"its own output, in a circle", "what it reads from topic a comes back through b and c and a,",
			func(b *streams.Builder) {
				copies(b, "in", "a")
				copies(b, "a", "b")
				copies(b, "b", "c")
				copies(b, "c", "a")
			}},
	}
	tests = append(tests, rekeyed...)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := streams.NewBuilder()
			tt.describe(b)
			if _, err := b.Build(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// Nodes that share a store are one subtopology: its tasks hold the store.
func TestSharedStoresJoinSubtopologies(t *testing.T) {
	b := streams.NewBuilder()
	for _, topic := range []string{"left", "right"} {
		in := streams.Stream(b, topic, streams.String(), streams.String())
		streams.Process(in, unchanged, streams.WithStores(
			streams.NewKeyValueStore("seen", streams.String(), streams.String())))
	}
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	subs := topo.Subtopologies()
	if len(subs) != 1 || len(subs[0].Sources) != 2 || len(subs[0].Stores) != 1 {
		t.Errorf("%d subtopologies, want one with two sources and one store:\n%s", len(subs), topo)
	}
}
