package kinds

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/topology"
)

// State adds up the entries of all stores of a topology, of which partitions returns what
// there is here. An entry is a line with the partition, the key, its time and the value. There
// is no value where it tells more than what is kept: the buffer of a suppression says where
// the last update came from, which another run reads from another topic, and a subscription
// of a join by a foreign key says which answer it wanted last.
func State(t *topology.Topology, partitions func(store string) ([]app.Partition, error)) (map[string]int, error) {
	state := map[string]int{}
	for _, sub := range t.Subtopologies() {
		for _, s := range sub.Stores {
			parts, err := partitions(s.Name)
			if err != nil {
				return nil, err
			}
			for _, p := range parts {
				err := entries(p, func(key []byte, times string, value []byte) {
					if s.Buffer || strings.HasSuffix(s.Name, "-subscription-store") {
						value = nil
					}
					state[fmt.Sprintf("store %s|%d %q %s= %q", s.Name, p.Partition, key, times, value)]++
				})
				if err != nil {
					return nil, fmt.Errorf("read store %s: %w", s.Name, err)
				}
			}
		}
	}
	return state, nil
}

// entries calls each with all entries of a store in a partition.
func entries(p app.Partition, each func(key []byte, times string, value []byte)) error {
	const first, last = math.MinInt64, math.MaxInt64
	switch v := p.View; {
	case v.Window != nil:
		it, err := v.Window.Keys(nil, nil, first, last, false)
		if err != nil {
			return err
		}
		return walk(it, func() { each(it.Key(), fmt.Sprint(it.Start(), " "), it.Value()) })
	case v.Session != nil:
		it, err := v.Session.Keys(nil, nil, first, last, false)
		if err != nil {
			return err
		}
		return walk(it, func() { each(it.Key().Key, fmt.Sprint(it.Key().Start, "-", it.Key().End, " "), it.Value()) })
	}
	it, err := p.View.KeyValue.Range(nil, nil, false)
	if err != nil {
		return err
	}
	return walk(it, func() { each(it.Key(), "", it.Value()) })
}

func walk(it interface {
	Next() bool
	Err() error
	Close() error
}, each func()) error {
	for it.Next() {
		each()
	}
	return errors.Join(it.Err(), it.Close())
}

// serveState answers with the state that an instance has.
func serveState(t *topology.Topology, a *app.App) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		state, err := State(t, a.Store)
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(state) // the client has gone
	})
}

// Ask adds up the state of the instances at the given URLs.
func Ask(ctx context.Context, urls ...string) (map[string]int, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	all := map[string]int{}
	for _, url := range urls {
		state, err := ask(ctx, url)
		if err != nil {
			return nil, fmt.Errorf("ask %s: %w", url, err)
		}
		for entry, n := range state {
			all[entry] += n
		}
	}
	return all, nil
}

func ask(ctx context.Context, url string) (state map[string]int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, errors.New("status " + resp.Status)
	}
	return state, json.NewDecoder(resp.Body).Decode(&state)
}
