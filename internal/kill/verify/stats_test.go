package verify_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kill/verify"
)

func row(server, minute string, requests int) string {
	return fmt.Sprintf(`{"server":%q,"minute":"2026-11-01T12:0%s:00Z","requests":%d,"statuses":{"200":%d},"reqtime_p50":0.25}`,
		server, minute, requests, requests)
}

func serve(t *testing.T, rows ...string) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "[%s]", strings.Join(rows, ","))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestAskStatsAddsUpInstances(t *testing.T) {
	a, b := serve(t, row("a", "1", 2), row("a", "2", 3)), serve(t, row("b", "1", 5))
	s, err := verify.AskStats(t.Context(), a, b)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := s.Requests(), int64(10); got != want || len(s) != 3 {
		t.Errorf("%d requests in %d slots, want %d in 3", got, len(s), want)
	}
	if _, err := verify.AskStats(t.Context(), a, a); err == nil || !strings.Contains(err.Error(), "two instances") {
		t.Errorf("two that answer for the same: %v, want an error", err)
	}
}

func TestCompareStats(t *testing.T) {
	ask := func(rows ...string) verify.Stats {
		s, err := verify.AskStats(t.Context(), serve(t, rows...))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	want := ask(row("a", "1", 2), row("a", "2", 3))
	other := ask(row("a", "1", 2), strings.Replace(row("a", "2", 3), "0.25", "0.26", 1))
	for _, c := range []struct {
		name                 string
		got                  verify.Stats
		exactly, atLeastOnce int // differences
	}{
		{"the same", want, 0, 0},
		{"one too few", ask(row("a", "1", 2), row("a", "2", 2)), 1, 1},
		{"one too many", ask(row("a", "1", 3), row("a", "2", 3)), 1, 0},
		{"a slot missing", ask(row("a", "1", 2)), 1, 1},
		{"a slot too many", ask(row("a", "1", 2), row("a", "2", 3), row("b", "1", 1)), 1, 0},
		{"another percentile", other, 1, 0},
	} {
		if got := c.got.Compare(want, false); len(got) != c.exactly {
			t.Errorf("%s, exactly once: %q, want %d differences", c.name, got, c.exactly)
		}
		if got := c.got.Compare(want, true); len(got) != c.atLeastOnce {
			t.Errorf("%s, at least once: %q, want %d differences", c.name, got, c.atLeastOnce)
		}
	}
}

func TestCountStatsReadsCommittedRequests(t *testing.T) {
	opts := topic(t)
	write := func(end kgo.TransactionEndTry, minute int) {
		cl, err := kgo.NewClient(append(slices.Clone(opts), kgo.DefaultProduceTopic("t"), kgo.TransactionalID("writer"))...)
		if err != nil {
			t.Fatal(err)
		}
		defer cl.Close()
		if err := cl.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		value := fmt.Appendf(nil, `{"time":"2026-11-01T12:0%d:30.5Z","vhost":"a","status":200,"id":1}`, minute)
		if err := cl.ProduceSync(t.Context(), &kgo.Record{Value: value}).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if err := cl.EndTransaction(t.Context(), end); err != nil {
			t.Fatal(err)
		}
	}
	write(kgo.TryCommit, 1)
	write(kgo.TryAbort, 1)
	write(kgo.TryCommit, 2)
	got, err := verify.CountStats(t.Context(), opts, "t")
	if err != nil {
		t.Fatal(err)
	}
	want, err := verify.AskStats(t.Context(), serve(t, row("a", "1", 1), row("a", "2", 1)))
	if err != nil {
		t.Fatal(err)
	}
	if bad := got.Compare(want, false); len(bad) > 0 {
		t.Errorf("counted %v: %q", got, bad)
	}
}
