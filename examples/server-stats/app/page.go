package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/streams/app"
)

// What a page of GET /stats holds at most. Visitors name the servers, so there may be
// any number of counts and names of any length.
const (
	maxRows  = 10_000
	maxBytes = 8 << 20
)

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
func (p *place) String() string { return strconv.FormatInt(p.start, 10) + "," + p.server }

// before reports whether p comes before another place.
func (p *place) before(other *place) bool {
	return p.start < other.start || p.start == other.start && p.server < other.server
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

// page merges the counts of all partitions, each of which has its own in order.
func page(ctx context.Context, parts []app.Partition, q Range) (out []Stats, next *place, err error) {
	var open []*source
	defer func() {
		for _, s := range open {
			err = errors.Join(err, s.it.Close())
		}
	}()
	for _, p := range parts {
		from := q.From
		if q.after != nil {
			from = max(from, q.after.start)
		}
		it, err := p.FetchAll(from, q.To)
		if err != nil {
			return nil, nil, err
		}
		s := &source{it: it}
		open = append(open, s)
		if err := s.move(ctx, q); err != nil {
			return nil, nil, err
		}
	}
	out = []Stats{}
	for size := 0; ; {
		s := first(open)
		if s == nil {
			return out, nil, nil
		}
		if len(out) == q.limit || size > maxBytes {
			return out, next, nil
		}
		shown, err := s.show()
		if err != nil {
			return nil, nil, err
		}
		out, next = append(out, shown), s.at
		size += len(s.at.server) + len(s.it.Value())
		if err := s.move(ctx, q); err != nil {
			return nil, nil, err
		}
	}
}

// first returns the source whose count comes first, nil when none has one.
func first(sources []*source) (least *source) {
	for _, s := range sources {
		if s.at != nil && (least == nil || s.at.before(least.at)) {
			least = s
		}
	}
	return least
}

// source is the counts of one partition.
type source struct {
	it interface {
		Next() bool
		Start() int64
		Key() []byte
		Value() []byte
		Err() error
		Close() error
	}
	at *place // nil at the end
}

// move goes to the next count that the query asks for.
func (s *source) move(ctx context.Context, q Range) error {
	for s.at = nil; s.it.Next(); {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		key := s.it.Key()
		if q.Server != "" && string(key) != q.Server {
			continue
		}
		at := &place{s.it.Start(), string(key)}
		if q.after == nil || q.after.before(at) {
			s.at = at
			return nil
		}
	}
	return s.it.Err()
}

// show returns the count at hand.
func (s *source) show() (Stats, error) {
	counts, err := decodeStats(s.it.Value())
	if err != nil {
		return Stats{}, fmt.Errorf("counts of server %.64q at %d: %w", s.at.server, s.at.start, err)
	}
	shown, err := counts.show()
	shown.Server = s.at.server
	shown.Minute = time.UnixMilli(s.at.start).UTC().Format(time.RFC3339)
	return shown, err
}
