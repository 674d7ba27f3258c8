// Package takeover is the app that tests hand from Kafka Streams to this module and back: the
// topology "take-over" of scripts/oracle-streams. Only tests import it.
package takeover

import (
	"fmt"
	"strings"
	"time"

	"github.com/suiro/suiro/streams"
)

// Describe adds the app to a builder. It counts, by minute and by session too, joins a stream
// with a table, and tables by a foreign key. The names of its topics begin with prefix: it reads
// in, rows, orders and names, and writes out, taken, joined and named.
func Describe(b *streams.Builder, prefix string) {
	in := streams.Stream(b, prefix+"in", streams.String(), streams.String())
	count(in, prefix+"out")
	rows := table(b, prefix, "rows")
	toText(rows.ToStream(), prefix+"taken")
	toText(streams.JoinTable(in, rows, func(v, row string) (string, error) { return v + "/" + row, nil }), prefix+"joined")
	nameOf := func(_, order string) (*string, error) {
		name, _, _ := strings.Cut(order, ";")
		return &name, nil
	}
	named := streams.JoinForeignKey(table(b, prefix, "orders"), table(b, prefix, "names"), nameOf,
		func(order, name string) (string, error) { return order + "=" + name, nil })
	toText(named.ToStream(), prefix+"named")
}

// count writes the three counts to one topic: the keys of windows and sessions have their times.
func count(in *streams.KStream[string, string], out string) {
	group := streams.GroupByKey(in, streams.String())
	toCounts(streams.Count(group, "counts").ToStream(), out)
	minutes := streams.TimeWindows{Size: time.Minute, Grace: time.Hour}
	byMinute := streams.CountWindows(group.WindowedBy(minutes), "by-minute").ToStream()
	toCounts(streams.SelectKey(byMinute, func(w streams.Windowed[string], _ int64) (string, error) {
		return fmt.Sprintf("%s@%d", w.Key, w.Start.UnixMilli()), nil
	}), out)
	visits := streams.SessionWindows{InactivityGap: 10 * time.Second, Grace: time.Hour}
	sessions := streams.CountSessions(group.SessionWindowedBy(visits), "sessions").ToStream()
	toCounts(streams.SelectKey(sessions, func(w streams.Windowed[string], _ int64) (string, error) {
		return fmt.Sprintf("%s@%d-%d", w.Key, w.Start.UnixMilli(), w.End.UnixMilli()), nil
	}), out)
}

// table reads a topic of text as a table, in a store of its name.
func table(b *streams.Builder, prefix, topic string) *streams.KTable[string, string] {
	return streams.Table(b, prefix+topic, streams.String(), streams.String(), streams.StoreName(topic))
}

func toCounts(s *streams.KStream[string, int64], topic string) {
	streams.To(s, topic, streams.String(), streams.Int64())
}

func toText(s *streams.KStream[string, string], topic string) {
	streams.To(s, topic, streams.String(), streams.String())
}
