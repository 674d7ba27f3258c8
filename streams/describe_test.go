package streams_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/internal/takeover"
)

// readText reads a topic of text.
func readText(b *streams.Builder, topic string) *words {
	return streams.Stream(b, topic, streams.String(), streams.String())
}

func toText(s *words, topic string) { streams.To(s, topic, streams.String(), streams.String()) }

func toCounts(s *streams.KStream[string, int64], topic string) {
	streams.To(s, topic, streams.String(), streams.Int64())
}

func valueOf(_, value string) (string, error) { return value, nil }

func keyOf(v string) (string, error) { return v, nil }

func groupByValue(s *words, name string) *streams.KGroupedStream[string, string] {
	return streams.GroupBy(s, name, valueOf, streams.String(), streams.String())
}

func everyRecord(_, _ string) bool { return true }

// described are the topologies of scripts/oracle-streams, under the same names.
var described = map[string]func(b *streams.Builder){
	"stateless": func(b *streams.Builder) {
		s := streams.MapValues(readText(b, "in").Filter(everyRecord).FilterNot(everyRecord), keyOf).Peek(func(_, _ string) {})
		s = streams.FlatMapValues(s, func(v string, emit func(string) error) error { return emit(v) })
		s = streams.FlatMap(s, func(k, v string, emit func(string, string) error) error { return emit(k, v) })
		toText(streams.SelectKey(streams.Map(s, swap), valueOf), "out")
		toText(streams.MapValues(readText(b, "second"), keyOf), "out-2")
	},
	"diamond": func(b *streams.Builder) {
		in := readText(b, "in")
		left, right := in.Filter(everyRecord), streams.MapValues(in, keyOf)
		toText(left.Peek(func(_, _ string) {}).Merge(right), "out")
		toText(left, "left")
		toText(in, "copy")
		toText(right.Filter(everyRecord), "right")
	},
	"count-by-key": func(b *streams.Builder) {
		toCounts(streams.Count(streams.GroupByKey(readText(b, "in"), streams.String()), "counts").ToStream(), "out")
	},
	"generated-names": func(b *streams.Builder) {
		in := streams.MapValues(readText(b, "in"), keyOf)
		toCounts(streams.Count(streams.GroupByKey(in, streams.String()), "").ToStream(), "out")
		toCounts(streams.Count(groupByValue(readText(b, "second"), ""), "").ToStream(), "out-2")
		toText(streams.Repartition(readText(b, "third"), "", streams.String(), streams.String()), "out-3")
	},
	"count-by-value": func(b *streams.Builder) {
		toCounts(streams.Count(groupByValue(readText(b, "in"), "by-value"), "counts").ToStream(), "out")
	},
	"shared-repartition": func(b *streams.Builder) {
		group := groupByValue(readText(b, "in"), "by-value")
		streams.Count(group, "all")
		streams.CountWindows(group.WindowedBy(streams.TimeWindows{Size: time.Minute, Grace: time.Minute}), "by-window")
	},
	"own-repartitions": func(b *streams.Builder) {
		group := groupByValue(readText(b, "in"), "")
		toCounts(streams.Count(group, "first").ToStream(), "out")
		streams.Count(group, "second")
	},
	"windows": func(b *streams.Builder) {
		group := streams.GroupByKey(readText(b, "in"), streams.String())
		streams.CountWindows(group.WindowedBy(streams.TimeWindows{Size: time.Minute, Grace: time.Hour}), "by-minute")
	},
	"repartition": func(b *streams.Builder) {
		s := streams.Repartition(streams.Map(readText(b, "in"), swap), "by-value", streams.String(), streams.String())
		toCounts(streams.Count(streams.GroupByKey(s, streams.String()), "counts").ToStream(), "out")
	},
	"global-tables": func(b *streams.Builder) {
		rows := streams.GlobalTable(b, "rows", streams.String(), streams.String())
		named := streams.GlobalTable(b, "named", streams.String(), streams.String(), streams.Named("currencies"),
			streams.StoreName("names"))
		in := readText(b, "in")
		joined := streams.JoinGlobal(in, rows, valueOf, both)
		toText(streams.LeftJoinGlobal(joined, named, valueOf, left, streams.Named("joined")), "out")
		store := streams.NewKeyValueStore("own", streams.String(), streams.String())
		streams.AddGlobalStore(b, store, "third", streams.String(), streams.String(),
			func(*streams.GlobalContext) streams.Processor[string, string] { return nil })
		toText(readText(b, "second"), "out-2")
	},
	"take-over": func(b *streams.Builder) { takeover.Describe(b, "") },
	"two-counts": func(b *streams.Builder) {
		in := readText(b, "in")
		toText(in, "copy")
		streams.Count(streams.GroupByKey(in, streams.String()), "by-key")
		streams.Count(groupByValue(in.Filter(everyRecord), ""), "by-value")
	},
}

// The files of testdata/describe are what Kafka Streams writes; scripts/oracle-streams/describe
// makes them.
func TestDescriptionsAreThoseOfKafkaStreams(t *testing.T) {
	for name, describe := range described {
		b := streams.NewBuilder()
		describe(b)
		topo, err := b.Build()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want, err := os.ReadFile(filepath.Join("testdata", "describe", name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		if got := topo.String(); got != string(want) {
			t.Errorf("%s:\n%s\nKafka Streams describes it as\n%s", name, got, want)
		}
	}
	files, err := filepath.Glob(filepath.Join("testdata", "describe", "*.txt"))
	if err != nil || len(files) != len(described) {
		t.Errorf("%d files and %d topologies, error %v", len(files), len(described), err)
	}
}
