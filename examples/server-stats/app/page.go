package app

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"sort"
	"time"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/streams"
)

// Handler answers GET /stats with the counts of this instance, a JSON array ordered
// by minute and server. The parameters server, from and to (RFC 3339, to is
// exclusive) narrow the range.
func Handler(app *streams.App, _ config.Values) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, r *http.Request) {
		q, err := parseQuery(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		stats, err := Query(app, q)
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(stats); err != nil {
			return // the client went away
		}
	})
	return mux
}

// Range is the servers and minutes that a query asks for.
type Range struct {
	// Server is the name of one server, "" for all.
	Server string
	// From and To bound the beginnings of the minutes, in milliseconds since 1970
	// in UTC; To is exclusive.
	From, To int64
}

// All is the Range of everything.
func All() Range { return Range{From: math.MinInt64, To: math.MaxInt64} }

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
	return q, nil
}

// Query returns the counts that this instance holds, ordered by minute and server.
func Query(app *streams.App, q Range) ([]Stats, error) {
	parts, err := app.Store(StoreName)
	if err != nil {
		return nil, err
	}
	out := []Stats{}
	for _, p := range parts {
		if out, err = collect(out, p, q); err != nil {
			return nil, err
		}
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Minute != out[j].Minute {
			return out[i].Minute < out[j].Minute
		}
		return out[i].Server < out[j].Server
	})
	return out, nil
}

func collect(out []Stats, p streams.Partition, q Range) ([]Stats, error) {
	it, err := p.FetchAll(q.From, q.To)
	if err != nil {
		return nil, err
	}
	defer it.Close()
	for it.Next() {
		if q.Server != "" && string(it.Key()) != q.Server {
			continue
		}
		s, err := decodeStats(it.Value())
		if err != nil {
			return nil, err
		}
		shown, err := s.show()
		if err != nil {
			return nil, err
		}
		shown.Server = string(it.Key())
		shown.Minute = time.UnixMilli(it.Start()).UTC().Format(time.RFC3339)
		out = append(out, shown)
	}
	return out, it.Err()
}
