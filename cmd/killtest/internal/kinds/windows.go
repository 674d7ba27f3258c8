package kinds

import (
	"time"

	"github.com/suiro/suiro/streams"
)

// windows are counts in windows of each shape, forwarded with each update and once.
func windows(a *parts) {
	byUser := streams.GroupByKey(a.in, user())
	tumbling := streams.CountWindows(byUser.WindowedBy(streams.TimeWindows{Size: time.Minute, Grace: grace}), "tumbling")
	rows(a, "tumbling", tumbling, within, number)
	records(a, "suppressed", tumbling.Suppress(streams.UntilWindowCloses(streams.BufferConfig{}),
		streams.Named("suppressed")).ToStream(), within, number)
	hopping := streams.TimeWindows{Size: 2 * time.Minute, Advance: time.Minute, Grace: grace}
	rows(a, "hopping", streams.CountWindows(byUser.WindowedBy(hopping), "hopping"), within, number)
	short := streams.TimeWindows{Size: 30 * time.Second, Grace: grace}
	closed := streams.CountWindows(byUser.WindowedBy(short), "closed", streams.EmitOnWindowClose())
	records(a, "closed", closed.ToStream(), within, number)
	sliding := streams.SlidingWindows{TimeDifference: 10 * time.Second, Grace: grace}
	of := streams.GroupByKey(a.left, user()).WindowedBy(sliding)
	rows(a, "sliding", streams.CountWindows(of, "sliding"), within, number)
}

// sessions are the visits of users.
func sessions(a *parts) {
	w := streams.SessionWindows{InactivityGap: 8 * time.Second, Grace: grace}
	visits := streams.GroupByKey(a.rest, user()).SessionWindowedBy(w)
	rows(a, "sessions", streams.CountSessions(visits, "sessions"), within, number)
	ended := streams.CountSessions(visits, "ended", streams.EmitOnWindowClose())
	records(a, "ended", ended.ToStream(), within, number)
}

// cogroups add two streams to one aggregate, with and without windows.
func cogroups(a *parts) {
	add := func(times int64) func(string, request, int64) (int64, error) {
		return func(_ string, r request, sum int64) (int64, error) { return sum + times*(r.Size+1), nil }
	}
	none := func() int64 { return 0 }
	both := streams.CogroupWith(streams.Cogroup(streams.GroupByKey(a.left, user()), add(1)),
		streams.GroupByKey(a.right, user()), add(2))
	rows(a, "cogroup", streams.AggregateCogrouped(both, "cogroup", none, streams.Int64()), itself, number)
	w := streams.TimeWindows{Size: 5 * time.Minute, Grace: grace}
	rows(a, "cogroup-windows", streams.AggregateCogroupedWindows(both, w, "cogroup-windows", none, streams.Int64()),
		within, number)
}
