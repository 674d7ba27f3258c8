package rest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/rest"
)

// follower is a herder that cannot answer itself.
type follower struct {
	herder.Herder
	leader string
}

func (f follower) Connectors(context.Context) ([]string, error) {
	return nil, &herder.NotLeaderError{URL: f.leader}
}

func (f follower) SetClusterLoggerLevel(context.Context, string, string) error {
	return &herder.NotLeaderError{URL: f.leader}
}

func TestWhatTheLeaderMustAnswerIsSentOn(t *testing.T) {
	forward := func(w http.ResponseWriter, r *http.Request, leader string) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s%s %s", r.Method, leader, r.URL.RequestURI(), body)
	}
	api := rest.New(follower{leader: "http://leader:8083"}, &rest.Options{Forward: forward})
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPut, "/admin/loggers/root?scope=cluster", strings.NewReader(`{"level":"WARN"}`))
	r.Header.Set("Content-Type", "application/json")
	api.ServeHTTP(w, r)
	want := `PUT http://leader:8083/admin/loggers/root?scope=cluster {"level":"WARN"}`
	if got := w.Body.String(); got != want {
		t.Errorf("forwarded = %s, want %s", got, want)
	}
}

func TestWithoutALeaderTheClientIsToldToTryAgain(t *testing.T) {
	for leader, want := range map[string]string{
		"":                   "no known leader URL",
		"http://leader:8083": "conflicting operation (e.g. worker rebalance)",
	} {
		w := httptest.NewRecorder()
		rest.New(follower{leader: leader}, nil).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/connectors", nil))
		if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), want) {
			t.Errorf("leader %q: GET /connectors = %d %s, want 409 with %q", leader, w.Code, w.Body, want)
		}
	}
}
