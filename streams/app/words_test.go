package app_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/topology"
)

var errBad = errors.New("bad value")

// words is a stream of text.
type words = streams.KStream[string, string]

// build makes a topology that reads topic "in" as text.
func build(t testing.TB, describe func(in *words)) *topology.Topology {
	t.Helper()
	b := streams.NewBuilder()
	describe(readText(b, "in"))
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return topo
}

func readText(b *streams.Builder, topic string) *words {
	return streams.Stream(b, topic, streams.String(), streams.String())
}

// toOut writes text to topic "out".
func toOut(s *words) { toText(s, "out") }

// copies writes what is in a topic to another.
func copies(b *streams.Builder, from, to string) {
	streams.To(readText(b, from), to, streams.String(), streams.String())
}

func value(_, v string) (string, error) { return v, nil }

// good rejects the value "bad".
func good(v string) (string, error) {
	if v == "bad" {
		return "", streams.Reject(errBad)
	}
	return strings.ToUpper(v), nil
}

func toCounts(s *streams.KStream[string, int64], topic string) {
	streams.To(s, topic, streams.String(), streams.Int64())
}

func toText(s *words, topic string) { streams.To(s, topic, streams.String(), streams.String()) }

// takeOver counts, by minute and by session too, joins a stream with a table, and tables by a
// foreign key, as the Kafka Streams app of the tests does.
func takeOver(b *streams.Builder, prefix string) {
	in := readText(b, prefix+"in")
	group := streams.GroupByKey(in, streams.String())
	toCounts(streams.Count(group, "counts").ToStream(), prefix+"out")
	minutes := streams.TimeWindows{Size: time.Minute, Grace: time.Hour}
	byMinute := streams.CountWindows(group.WindowedBy(minutes), "by-minute").ToStream()
	toCounts(streams.SelectKey(byMinute, func(w streams.Windowed[string], _ int64) (string, error) {
		return fmt.Sprintf("%s@%d", w.Key, w.Start.UnixMilli()), nil
	}), prefix+"out")
	visits := streams.SessionWindows{InactivityGap: 10 * time.Second, Grace: time.Hour}
	sessions := streams.CountSessions(group.SessionWindowedBy(visits), "sessions").ToStream()
	toCounts(streams.SelectKey(sessions, func(w streams.Windowed[string], _ int64) (string, error) {
		return fmt.Sprintf("%s@%d-%d", w.Key, w.Start.UnixMilli(), w.End.UnixMilli()), nil
	}), prefix+"out")
	rows := readTable(b, prefix, "rows")
	toText(rows.ToStream(), prefix+"taken")
	toText(streams.JoinTable(in, rows, func(v, row string) (string, error) { return v + "/" + row, nil }), prefix+"joined")
	nameOf := func(_, order string) (*string, error) {
		name, _, _ := strings.Cut(order, ";")
		return &name, nil
	}
	named := streams.JoinForeignKey(readTable(b, prefix, "orders"), readTable(b, prefix, "names"), nameOf,
		func(order, name string) (string, error) { return order + "=" + name, nil })
	toText(named.ToStream(), prefix+"named")
}

// readTable reads a topic of text as a table, in a store of its name.
func readTable(b *streams.Builder, prefix, topic string) *streams.KTable[string, string] {
	return streams.Table(b, prefix+topic, streams.String(), streams.String(), streams.StoreName(topic))
}

func same(t testing.TB, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}
