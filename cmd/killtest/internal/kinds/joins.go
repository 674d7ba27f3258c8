package kinds

import (
	"fmt"
	"time"

	"github.com/suiro/suiro/streams"
)

// pair is the ids of what was joined.
func pair(left, right *request) (string, error) {
	id := func(r *request) string {
		if r == nil {
			return "none"
		}
		return fmt.Sprint(r.ID)
	}
	return id(left) + "-" + id(right), nil
}

// joins are joins of two streams.
func joins(a *parts) {
	w := streams.TimeDifference(3*time.Second, grace)
	key, value := user(), streams.JSON[request]()
	inner := streams.Join(a.left, a.right, w, func(l, r request) (string, error) { return pair(&l, &r) },
		key, value, value, streams.StoreName("inner"))
	records(a, "inner", inner, itself, itself)
	left := streams.LeftJoin(a.left, a.right, w, func(l request, r *request) (string, error) { return pair(&l, r) },
		key, value, value, streams.StoreName("left"))
	records(a, "left", left, itself, itself)
	outer := streams.OuterJoin(a.left, a.right, w, pair, key, value, value, streams.StoreName("outer"))
	records(a, "outer", outer, itself, itself)
}

// row is what tables keep of a request.
type row struct {
	ID    int64  `json:"id"`
	VHost string `json:"vhost"`
	Size  int64  `json:"size"`
}

// tables are joins and groups of tables, of which rows come and go.
func tables(a *parts) {
	left, right := table(a, "lefts", a.left), table(a, "rights", a.right)
	inner := streams.JoinTables(left, right, func(l, r *row) (string, error) { return pairOf(&l, &r) },
		streams.StoreName("table-inner"), streams.ValueSerde(streams.String()))
	rows(a, "table-inner", inner, itself, itself)
	kept := streams.LeftJoinTables(left, right, func(l *row, r **row) (string, error) { return pairOf(&l, r) })
	rows(a, "table-left", kept, itself, itself)
	rows(a, "table-outer", streams.OuterJoinTables(left, right, pairOf), itself, itself)
	records(a, "stream-table", streams.JoinTable(a.rest, right,
		func(s request, r *row) (string, error) { return fmt.Sprint(s.ID, "-", r.ID), nil }), itself, itself)
	records(a, "stream-table-left", streams.LeftJoinTable(a.rest, right, func(s request, r **row) (string, error) {
		if r == nil {
			return fmt.Sprint(s.ID, "-none"), nil
		}
		return fmt.Sprint(s.ID, "-", (*r).ID), nil
	}), itself, itself)
	grouped(a, left)
	foreign(a, left)
}

// table makes a table of a stream; some requests delete the row of their user.
func table(a *parts, name string, s *streams.KStream[string, request]) *streams.KTable[string, *row] {
	values := streams.MapValues(s, func(r request) (*row, error) {
		if r.ID%7 == 0 {
			return nil, nil
		}
		return &row{r.ID, r.VHost, r.Size}, nil
	})
	return streams.ToTable(values, streams.StoreName(name), streams.KeySerde(user()),
		streams.ValueSerde(streams.JSON[*row]()))
}

func pairOf(left, right **row) (string, error) {
	id := func(r **row) string {
		if r == nil {
			return "none"
		}
		return fmt.Sprint((*r).ID)
	}
	return id(left) + "-" + id(right), nil
}

// grouped sums the sizes of the rows of each host.
func grouped(a *parts, t *streams.KTable[string, *row]) {
	byHost := streams.GroupTable(t, func(_ string, r *row) (string, int64, error) { return r.VHost, r.Size, nil },
		streams.String(), streams.Int64(), streams.Named("rows-by-host"))
	sums := streams.AggregateTable(byHost, "sizes", func() int64 { return 1 },
		func(_ string, size, sum int64) (int64, error) { return sum + size, nil },
		func(_ string, size, sum int64) (int64, error) { return sum - size, nil }, streams.Int64())
	rows(a, "sizes", sums, itself, number)
}

// foreign joins rows with the latest request of their host, of all users.
func foreign(a *parts, t *streams.KTable[string, *row]) {
	byHost := streams.GroupBy(a.right, "latest-by-host", func(_ string, r request) (string, error) { return r.VHost, nil },
		streams.String(), streams.JSON[request]())
	latest := streams.Aggregate(byHost, "latest", func() int64 { return 0 },
		func(_ string, r request, latest int64) (int64, error) { return max(r.ID, latest), nil }, streams.Int64())
	host := func(_ string, r *row) (*string, error) { return &r.VHost, nil }
	inner := streams.JoinForeignKey(t, latest, host,
		func(l *row, latest int64) (string, error) { return fmt.Sprint(l.ID, "-", latest), nil },
		streams.StoreName("foreign"), streams.Named("foreign-inner"), streams.ValueSerde(streams.String()))
	rows(a, "foreign", inner, itself, itself)
	left := streams.LeftJoinForeignKey(t, latest, host, func(l *row, latest *int64) (string, error) {
		if latest == nil {
			return fmt.Sprint(l.ID, "-none"), nil
		}
		return fmt.Sprint(l.ID, "-", *latest), nil
	}, streams.Named("foreign-left"))
	rows(a, "foreign-left", left, itself, itself)
}

// repartitioned is what comes through repartition topics, in which the requests of all
// partitions meet in any order.
func repartitioned(a *parts) {
	host := func(_ string, r request) (string, error) { return r.VHost, nil }
	byHost := streams.GroupBy(a.in, "by-host", host, streams.String(), streams.JSON[request]())
	rows(a, "hosts", streams.Count(byHost, "hosts"), itself, number)
	w := streams.TimeWindows{Size: time.Minute, Grace: ever}
	rows(a, "host-minutes", streams.CountWindows(byHost.WindowedBy(w), "host-minutes"), within, number)
	visits := byHost.SessionWindowedBy(streams.SessionWindows{InactivityGap: 2 * time.Second, Grace: ever})
	rows(a, "host-sessions", streams.CountSessions(visits, "host-sessions"), within, number)
	few := func(s *streams.KStream[string, request]) *streams.KStream[string, request] {
		return streams.SelectKey(s.Filter(func(_ string, r request) bool { return r.ID%5 == 0 }), host)
	}
	joined := streams.Join(few(a.left), few(a.right), streams.TimeDifference(time.Second, ever),
		func(l, r request) (string, error) { return pair(&l, &r) },
		streams.String(), streams.JSON[request](), streams.JSON[request](), streams.StoreName("hosts-joined"))
	records(a, "hosts-joined", joined, itself, itself)
}
