package health_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams/internal/health"
	"github.com/suiro/suiro/streams/internal/life"
)

// get asks for a path, and returns the status code and what is in the answer.
func get(t *testing.T, p *health.Probe, path string) (code int, answer map[string]any) {
	t.Helper()
	mux := http.NewServeMux()
	p.Handle(mux)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("GET %s: %v: %s", path, err, w.Body)
	}
	return w.Code, answer
}

// brokers returns what is known of brokers that a client has asked.
func brokers(t *testing.T, addresses []string) *kafka.Brokers {
	t.Helper()
	b := kafka.NewBrokers(slog.New(slog.DiscardHandler))
	if err := kafkatest.Client(t, addresses, b.Opt()).Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b
}

// A restart would not help against brokers that are away.
func TestAnAppWhoseBrokersAreAwayIsHealthyAndNotReady(t *testing.T) {
	l := life.New()
	l.Begin()
	l.Wants(0)
	p := &health.Probe{Life: l, Paused: func() bool { return false }, Brokers: kafka.NewBrokers(slog.New(slog.DiscardHandler))}
	if code, answer := get(t, p, "/health"); code != 200 || !strings.Contains(answer["message"].(string), "cannot be reached") {
		t.Errorf("/health is %d %v, want 200 and that Kafka cannot be reached", code, answer)
	}
	if code, answer := get(t, p, "/ready"); code != 503 {
		t.Errorf("/ready is %d %v, want 503", code, answer)
	}
}

// /health says whether a restart would help, and /ready whether records are processed.
func TestAnswersFollowTheLifeOfTheApp(t *testing.T) {
	reachable := brokers(t, kafkatest.Start(t).ListenAddrs())
	for name, tt := range map[string]struct {
		do            func(*life.Life)
		paused        bool
		health, ready int
		status, why   string
	}{
		"made":     {func(*life.Life) {}, false, 503, 503, "starting", "has not been started"},
		"starting": {func(l *life.Life) { l.Begin(); l.Wants(1) }, false, 503, 503, "starting", "joining its group"},
		"running":  {func(l *life.Life) { l.Begin(); l.Wants(0) }, false, 200, 200, "healthy", "global stores are kept"},
		"paused":   {func(l *life.Life) { l.Begin(); l.Wants(0) }, true, 200, 503, "healthy", "the app is paused"},
		"stopping": {func(l *life.Life) { l.Begin(); l.Enter(life.PendingShutdown) }, false, 200, 503, "healthy", "is stopping"},
		"failed":   {func(l *life.Life) { l.Begin(); l.End(errors.New("broken")) }, false, 500, 503, "unhealthy", "broken"},
		"stopped":  {func(l *life.Life) { l.Begin(); l.End(nil) }, false, 500, 503, "unhealthy", "has stopped"},
	} {
		l := life.New()
		tt.do(l)
		p := &health.Probe{ApplicationID: "app", Version: "v1", Life: l, Paused: func() bool { return tt.paused },
			Brokers: reachable, Patience: time.Minute}
		code, answer := get(t, p, "/health")
		if code != tt.health || answer["status"] != tt.status || !strings.Contains(answer["message"].(string), tt.why) {
			t.Errorf("%s: /health is %d %v, want %d, %s because of %q", name, code, answer, tt.health, tt.status, tt.why)
		}
		if answer["application_id"] != "app" || answer["version"] != "v1" {
			t.Errorf("%s: /health does not say whose it is: %v", name, answer)
		}
		code, answer = get(t, p, "/ready")
		if code != tt.ready || answer["ready"] != (tt.ready == 200) || (len(answer["reasons"].([]any)) == 0) != (tt.ready == 200) {
			t.Errorf("%s: /ready is %d %v, want %d with a reason unless it is", name, code, answer, tt.ready)
		}
	}
}
