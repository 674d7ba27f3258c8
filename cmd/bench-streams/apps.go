package main

import (
	"bytes"
	"slices"
	"strconv"
	"time"

	"github.com/suiro/suiro/connect/config"
	ltsvjson "github.com/suiro/suiro/examples/ltsv-json/app"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/cli"
	"github.com/suiro/suiro/streams/topology"
)

// appArg is the first argument of bench-streams when it is one of the apps.
const appArg = "app"

// apps are what is measured, by the names that they have in Kafka Streams' program too.
// Their topologies are those of scripts/peers, and both must have the same output.
func apps() map[string]cli.Program {
	return map[string]cli.Program{
		"json": ltsvjson.Program(),
		"count": {Name: "count", Short: "Count requests per host and minute.",
			Build: func(v config.Values) (*topology.Topology, error) {
				return countPerMinute(v.String("input.topic"), v.String("output.topic"))
			}},
		"distinct": {Name: "distinct", Short: "Count requests per id, of which there are as many as requests.",
			Build: func(v config.Values) (*topology.Topology, error) { return countIDs(v.String("input.topic")) }},
		"join": {Name: "join", Short: "Join impressions with their clicks, at most a minute apart.",
			Keys: []config.Key{{Name: "other.topic", Type: config.String, Required: true, Doc: "Topic of clicks."}},
			Build: func(v config.Values) (*topology.Topology, error) {
				return pairs(v.String("input.topic"), v.String("other.topic"), v.String("output.topic"))
			}},
	}
}

func countPerMinute(input, output string) (*topology.Topology, error) {
	b := streams.NewBuilder()
	windows := by(b, input, "host").WindowedBy(streams.TimeWindows{Size: time.Minute, Grace: 24 * time.Hour})
	counts := streams.Map(streams.CountWindows(windows, store).ToStream(),
		func(w streams.Windowed[string], n int64) (string, string, error) {
			return w.Key + "@" + strconv.FormatInt(w.Start.UnixMilli(), 10), strconv.FormatInt(n, 10), nil
		})
	streams.To(counts, output, streams.String(), streams.String())
	return b.Build()
}

func countIDs(input string) (*topology.Topology, error) {
	b := streams.NewBuilder()
	streams.Count(by(b, input, "id"), store)
	return b.Build()
}

func pairs(impressions, clicks, output string) (*topology.Topology, error) {
	b := streams.NewBuilder()
	text, raw := streams.String(), streams.Bytes()
	joined := streams.Join(streams.Stream(b, impressions, text, raw), streams.Stream(b, clicks, text, raw),
		streams.TimeDifference(time.Minute, time.Hour), func(impression, click []byte) ([]byte, error) {
			return slices.Concat(impression, []byte{'\t'}, click), nil
		}, text, raw, raw, streams.Named("pairs"), streams.StoreName("pairs"))
	streams.To(joined, output, text, raw)
	return b.Build()
}

// store is the name of the store of counts, here and in Kafka Streams.
const store = "counts"

// by groups requests by a label, through a repartition topic.
func by(b *streams.Builder, input, label string) *streams.KGroupedStream[string, int64] {
	lines := streams.Stream(b, input, streams.Bytes(), streams.Bytes())
	prefix := []byte(label + ":")
	keyed := streams.Map(lines, func(_, line []byte) (string, int64, error) { return field(line, prefix), 1, nil })
	return streams.GroupByKey(streams.Repartition(keyed, "by-"+label, streams.String(), streams.Int64()), streams.String())
}

// field returns the value of a label, which is given with its colon, or "".
func field(line, label []byte) string {
	for len(line) > 0 {
		pair, rest, _ := bytes.Cut(line, []byte{'\t'})
		if value, ok := bytes.CutPrefix(pair, label); ok {
			return string(value)
		}
		line = rest
	}
	return ""
}
