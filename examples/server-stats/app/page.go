package app

import (
	"bytes"
	"cmp"
	"container/heap"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/examples/internal/access"
	"github.com/suiro/suiro/streams/app"
)

// What a page of GET /stats holds at most. Visitors name the servers, so there may be
// any number of counts and names of any length.
const (
	maxRows  = 10_000
	maxBytes = 8 << 20
)

// Stats are the counts of one server and minute as GET /stats shows them.
type Stats = access.Stats

// queries is how many pages are made at a time; further ones are told to come again.
const queries = 4

// Handler answers GET /stats with the counts of this instance, a JSON array ordered
// by minute and server. The parameters server, from and to (RFC 3339, to is
// exclusive) narrow the range. An answer has 10,000 counts at most, or as many as limit
// says; when there are more, the header Link has the address of the next ones. Four
// queries are answered at a time; a further one gets the status 503.
func Handler(app *app.App, _ config.Values) http.Handler {
	mux := http.NewServeMux()
	free := make(chan struct{}, queries)
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, r *http.Request) {
		q, err := parseQuery(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		select {
		case free <- struct{}{}:
			defer func() { <-free }()
		default:
			w.Header().Set("Retry-After", "1")
			http.Error(w, fmt.Sprintf("%d queries are being answered: try again later", queries), http.StatusServiceUnavailable)
			return
		}
		stats, next, err := query(r.Context(), app, q)
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		answer(w, r.URL, stats, next)
	})
	return mux
}

// answer writes a page, with the address of the next one.
func answer(w http.ResponseWriter, page *url.URL, stats []Stats, next *place) {
	if next != nil {
		values := page.Query()
		values.Set("after", next.String())
		w.Header().Set("Link", fmt.Sprintf(`<%s?%s>; rel="next"`, page.Path, values.Encode()))
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(stats); err != nil {
		return // the client went away
	}
}

// Range is the servers and minutes that a query asks for.
type Range struct {
	// Server is the name of one server, "" for all.
	Server string
	// From and To bound the beginnings of the minutes, in milliseconds since 1970
	// in UTC; To is exclusive.
	From, To int64

	after *place // what came last on the page before
	limit int
}

// All is the Range of everything.
func All() Range { return Range{From: math.MinInt64, To: math.MaxInt64, limit: maxRows} }

// place is a count's place in the order.
type place struct {
	start  int64
	server string
}

// String returns the form that the parameter after has.
func (p place) String() string { return strconv.FormatInt(p.start, 10) + "," + p.server }

// compare orders places by minute and server.
func (p place) compare(other place) int {
	return cmp.Or(cmp.Compare(p.start, other.start), cmp.Compare(p.server, other.server))
}

func parseQuery(r *http.Request) (Range, error) {
	q := All()
	q.Server = r.FormValue("server")
	for name, bound := range map[string]*int64{"from": &q.From, "to": &q.To} {
		text := r.FormValue(name)
		if text == "" {
			continue
		}
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return q, fmt.Errorf("%s: want a time such as 2015-05-17T10:05:00Z: %w", name, err)
		}
		*bound = t.UnixMilli()
	}
	if text := r.FormValue("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxRows {
			return q, fmt.Errorf("limit: want a number from 1 to %d", maxRows)
		}
		q.limit = n
	}
	if text := r.FormValue("after"); text != "" {
		start, server, _ := strings.Cut(text, ",")
		at, err := strconv.ParseInt(start, 10, 64)
		if err != nil {
			return q, errors.New("after: want what the header Link of the page before has")
		}
		q.after = &place{at, server}
	}
	return q, nil
}

// Query returns the counts that this instance holds, ordered by minute and server. There
// may be many: it is for programs that know how many.
func Query(app *app.App, q Range) (all []Stats, err error) {
	all = []Stats{}
	for q.limit = maxRows; ; {
		stats, next, err := query(context.Background(), app, q)
		if all = append(all, stats...); err != nil || next == nil {
			return all, err
		}
		q.after = next
	}
}

// query returns a page of counts, and the place of the last one when there are more.
func query(ctx context.Context, app *app.App, q Range) ([]Stats, *place, error) {
	parts, err := app.Store(StoreName)
	if err != nil {
		return nil, nil, err
	}
	return page(ctx, parts, q)
}

// page returns the first counts of all partitions. It reads all that the query asks for,
// as a store has them in another order, and keeps no more than a page of them.
func page(ctx context.Context, parts []app.Partition, q Range) (out []Stats, next *place, err error) {
	l := &least{limit: q.limit}
	for _, p := range parts {
		if err := l.collect(ctx, p, q); err != nil {
			return nil, nil, err
		}
	}
	slices.SortFunc(l.counts, func(a, b count) int { return a.at.compare(b.at) })
	out = []Stats{}
	for _, c := range l.counts {
		shown, err := c.show()
		if err != nil {
			return nil, nil, err
		}
		out = append(out, shown)
		if l.more {
			next = &c.at
		}
	}
	return out, next, nil
}

// count is the counts of a server and minute.
type count struct {
	at    place
	value []byte
}

func (c count) size() int { return len(c.at.server) + len(c.value) }

// show decodes the counts.
func (c count) show() (Stats, error) {
	counts, err := access.DecodeCounts(c.value)
	if err != nil {
		return Stats{}, fmt.Errorf("counts of server %.64q at %d: %w", c.at.server, c.at.start, err)
	}
	shown, err := counts.Show()
	shown.Server = c.at.server
	shown.Minute = time.UnixMilli(c.at.start).UTC().Format(time.RFC3339)
	return shown, err
}

// least keeps the first counts of those that it is given, as a heap with the last of them
// in front.
type least struct {
	limit  int
	counts []count
	size   int
	more   bool // some were left out
}

var _ heap.Interface = (*least)(nil)

// Len, Less, Swap, Push and Pop implement [heap.Interface].
func (l *least) Len() int           { return len(l.counts) }
func (l *least) Less(i, j int) bool { return l.counts[i].at.compare(l.counts[j].at) > 0 }
func (l *least) Swap(i, j int)      { l.counts[i], l.counts[j] = l.counts[j], l.counts[i] }
func (l *least) Push(c any)         { l.counts = append(l.counts, c.(count)) }
func (l *least) Pop() any {
	last := l.counts[len(l.counts)-1]
	l.counts = l.counts[:len(l.counts)-1]
	return last
}

// collect takes what a query asks for of a partition.
func (l *least) collect(ctx context.Context, p app.Partition, q Range) (err error) {
	from := q.From
	if q.after != nil {
		from = max(from, q.after.start)
	}
	it, err := p.FetchAll(from, q.To)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	for it.Next() {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if q.Server != "" && string(it.Key()) != q.Server {
			continue
		}
		if at := (place{it.Start(), string(it.Key())}); q.after == nil || q.after.compare(at) < 0 {
			l.add(at, it.Value())
		}
	}
	return it.Err()
}

// add takes a count, and gives up the last one when there is no room for it. There is
// always room for one.
func (l *least) add(at place, value []byte) {
	if l.more && at.compare(l.counts[0].at) > 0 {
		return
	}
	c := count{at, bytes.Clone(value)}
	heap.Push(l, c)
	l.size += c.size()
	for len(l.counts) > l.limit || l.size > maxBytes && len(l.counts) > 1 {
		l.size -= heap.Pop(l).(count).size()
		l.more = true
	}
}
