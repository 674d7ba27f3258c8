package shop

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/connecttest/workertest"
)

// orders are the values that the source makes of a shop's n orders.
func orders(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = `{"id":` + strconv.Itoa(i+1) + `,"item":"tea"}`
	}
	return out
}

// newShop lists orders over HTTP.
func newShop(t *testing.T, orders []string) *httptest.Server {
	t.Helper()
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		after, _ := strconv.Atoi(r.FormValue("after"))
		limit, _ := strconv.Atoi(r.FormValue("limit"))
		page := []json.RawMessage{}
		for _, order := range orders[min(after, len(orders)):min(after+limit, len(orders))] {
			page = append(page, json.RawMessage(order))
		}
		_ = json.NewEncoder(w).Encode(page)
	}))
	t.Cleanup(shop.Close)
	return shop
}

// openShop is a shop for the suites: its list of orders has an end.
func openShop(n int) func(t *testing.T) connecttest.SourceCase {
	return func(t *testing.T) connecttest.SourceCase {
		closed := newShop(t, nil)
		closed.Close()
		return connecttest.SourceCase{
			Props: map[string]string{"shop.url": newShop(t, orders(n)).URL, "topic": "orders", "batch.size": "3",
				"follow": "false"},
			Want:   orders(n),
			Broken: map[string]string{"shop.url": closed.URL, "topic": "orders"},
		}
	}
}

func TestSourceKeepsTheContract(t *testing.T) {
	connecttest.RunSource(t, SourcePlugin(), openShop(10))
}

func TestSourceLosesNothingWhenItsWorkerIsKilled(t *testing.T) {
	workertest.RunSource(t, SourcePlugin(), openShop(60), nil)
}

func TestSourceWaitsOnlyForWhatMayGoAway(t *testing.T) {
	for status, want := range map[int]bool{
		http.StatusServiceUnavailable: true, http.StatusTooManyRequests: true,
		http.StatusUnauthorized: false, http.StatusNotFound: false,
	} {
		shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		t.Cleanup(shop.Close)
		source := connecttest.StartSource(t, SourcePlugin().Info, connecttest.NewSourceContext(), &SourceTask{},
			map[string]string{"shop.url": shop.URL, "topic": "orders"})
		_, err := source.Task.Poll(t.Context())
		if err == nil || connect.IsRetriable(err) != want {
			t.Errorf("Poll after status %d = %v, want an error, retriable: %v", status, err, want)
		}
	}
}

func TestSourceFollowsTheShop(t *testing.T) {
	shop := newShop(t, orders(2))
	s := connecttest.StartSource(t, SourcePlugin().Info, connecttest.NewSourceContext(), &SourceTask{},
		map[string]string{"shop.url": shop.URL, "topic": "orders", "poll.interval.ms": "1"})
	var keys []string
	for _, r := range s.Take(2) {
		_, key, err := r.Key.Decode()
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key.(string))
	}
	if want := []string{"1", "2"}; !slices.Equal(keys, want) {
		t.Errorf("keys = %q, want %q", keys, want)
	}
	if records, err := s.Task.Poll(t.Context()); len(records) > 0 || err != nil {
		t.Errorf("Poll after the last order = %v, %v, want nothing yet", records, err)
	}
}
