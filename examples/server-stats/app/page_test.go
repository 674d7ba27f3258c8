package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// serve runs the program on an embedded broker with messages to count, and
// returns the address of its page once they are counted.
func serve(t *testing.T, messages ...string) string {
	t.Helper()
	c := kafkatest.Start(t, kfake.SeedTopics(2, "access-json"))
	for _, m := range messages {
		kafkatest.Produce(t, c.ListenAddrs(), &kgo.Record{Topic: "access-json", Value: []byte(m)})
	}
	app, values, err := Program().New(map[string]string{
		"bootstrap.servers": c.ListenAddrs()[0], "state.dir": t.TempDir(), "replication.factor": "1",
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- app.Run(ctx) }()
	page := httptest.NewServer(Handler(app, values))
	t.Cleanup(func() {
		page.Close()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("app ended with %v", err)
		}
	})
	kafkatest.Eventually(t, "all requests are counted", func() bool {
		stats, err := Query(app, All())
		n := int64(0)
		for _, s := range stats {
			n += s.Requests
		}
		return err == nil && n == int64(len(messages))
	})
	return page.URL
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestPage(t *testing.T) {
	url := serve(t,
		`{"vhost":"a","time":"2026-01-01T00:00:10Z","status":200,"reqtime":0.5}`,
		`{"vhost":"b","time":"2026-01-01T00:00:20Z","status":404}`,
		`{"vhost":"a","time":"2026-01-01T00:01:30Z","status":200}`,
		`{"vhost":"a","time":"2026-01-01T00:02:00Z","status":200}`,
	)
	tests := []struct{ name, query, want string }{
		{"all", "", "a@00:00 b@00:00 a@00:01 a@00:02"},
		{"one server", "?server=b", "b@00:00"},
		{"unknown server", "?server=c", ""},
		{"from", "?from=2026-01-01T00:01:00Z", "a@00:01 a@00:02"},
		{"to is exclusive", "?to=2026-01-01T00:01:00Z", "a@00:00 b@00:00"},
		{"from and to, another zone", "?from=2026-01-01T09:01:00%2B09:00&to=2026-01-01T09:02:00%2B09:00", "a@00:01"},
		{"to before from", "?from=2026-01-01T00:02:00Z&to=2026-01-01T00:01:00Z", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, body := get(t, url+"/stats"+tt.query)
			var stats []Stats
			if err := json.Unmarshal([]byte(body), &stats); err != nil || status != http.StatusOK {
				t.Fatalf("%d %s: %v", status, body, err)
			}
			var got []string
			for _, s := range stats {
				got = append(got, s.Server+"@"+s.Minute[len("2026-01-01T"):len("2026-01-01T00:00")])
			}
			if got := strings.Join(got, " "); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if len(stats) == 0 && strings.TrimSpace(body) != "[]" {
				t.Errorf("nothing is %s, want []", body)
			}
		})
	}
	for query, want := range map[string]string{"?from=today": "from: want a time such as",
		"?to=2026-01-01": "to: want a time such as", "?limit=0": "limit: want a number from 1 to 10000",
		"?limit=10001": "limit: want", "?after=x": "after: want what the header Link"} {
		status, body := get(t, url+"/stats"+query)
		if status != http.StatusBadRequest || !strings.Contains(body, want) {
			t.Errorf("GET %s = %d %s, want 400 that names %s", query, status, body, want)
		}
	}
}

// All counts come, page by page, in order and each once, from all partitions.
func TestPagesFollowEachOther(t *testing.T) {
	var messages []string
	for i := range 60 {
		messages = append(messages, fmt.Sprintf(`{"vhost":"s,%02d","time":"2026-01-01T00:%02d:10Z"}`, i%20, i/20))
	}
	page := serve(t, messages...) + "/stats?limit=7&from=2026-01-01T00:00:00Z"
	var got []string
	for pages := 0; page != "" && pages < 20; pages++ {
		resp, err := http.Get(page)
		if err != nil {
			t.Fatal(err)
		}
		var stats []Stats
		err = json.NewDecoder(resp.Body).Decode(&stats)
		resp.Body.Close()
		if err != nil || len(stats) > 7 {
			t.Fatalf("%d counts in a page of 7, %v", len(stats), err)
		}
		for _, s := range stats {
			got = append(got, s.Minute+" "+s.Server)
		}
		next, more := strings.CutSuffix(strings.TrimPrefix(resp.Header.Get("Link"), "<"), `>; rel="next"`)
		if !more {
			break
		}
		page = page[:strings.Index(page, "/stats")] + next
	}
	if len(got) != 60 || !slices.IsSorted(got) || len(slices.Compact(got)) != 60 {
		t.Errorf("%d counts, want 60 in order, each once: %q", len(got), got)
	}
}

// More queries at a time than the limit are told to come again.
func TestQueriesAtATimeAreBounded(t *testing.T) {
	app, _, err := Program().New(map[string]string{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	h, release := Handler(app, config.Values{}), make(chan struct{})
	var running sync.WaitGroup
	for range queries {
		running.Add(1)
		began := make(chan struct{})
		go func() {
			defer running.Done()
			h.ServeHTTP(&slow{ResponseRecorder: httptest.NewRecorder(), began: began, release: release}, httptest.NewRequest("GET", "/stats", nil))
		}()
		<-began
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/stats", nil))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "1" {
		t.Errorf("query %d = %d %s, want 503 with Retry-After", queries+1, w.Code, w.Body)
	}
	close(release)
	running.Wait()
}

// slow is a client that takes its answer when release is closed.
type slow struct {
	*httptest.ResponseRecorder
	began, release chan struct{}
}

func (s *slow) WriteHeader(code int) {
	close(s.began)
	<-s.release
	s.ResponseRecorder.WriteHeader(code)
}

// Before the app runs the page says so instead of showing nothing.
func TestPageBeforeTheAppRuns(t *testing.T) {
	app, values, err := Program().New(map[string]string{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	Handler(app, values).ServeHTTP(w, httptest.NewRequest("GET", "/stats", nil))
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "not running") {
		t.Errorf("GET /stats = %d %s, want 503", w.Code, w.Body)
	}
}
