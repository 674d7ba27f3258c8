package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/suiro/suiro/internal/buildinfo"
	"github.com/suiro/suiro/streams/internal/life"
)

// Handler answers these paths. A program with pages of its own mounts it together
// with them.
//
//	GET /health    whether a restart could help: 200 healthy, 503 starting, 500 unhealthy
//	GET /ready     whether the app does its work now: 200 or 503, with the reasons
//	GET /metrics   metrics in the Prometheus text format
//	GET /topology  the topology as text
//
// The app is starting until it has joined its group for the first time. After that it
// is unhealthy only when it has ended, or when a thread has been stuck for
// max.poll.interval.ms although brokers could be reached. Brokers that are away,
// rebalances and state that is restored are shown, but they do not make it unhealthy:
// a restart would not help. They make it not ready, and so does [App.Pause]. An instance for which the group
// has no partitions is ready, because it takes over when another one goes.
func (a *App) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /topology", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, a.topology) })
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		h := a.health(time.Now())
		answer(w, healthCodes[h.Status], h)
	})
	mux.HandleFunc("GET /ready", func(w http.ResponseWriter, _ *http.Request) {
		r, code := a.ready(time.Now()), http.StatusOK
		if !r.Ready {
			code = http.StatusServiceUnavailable
		}
		answer(w, code, r)
	})
	return mux
}

// healthCodes are the status codes of /health, those of Kafka Connect's worker
// (KIP-1017).
var healthCodes = map[string]int{"healthy": http.StatusOK, "starting": http.StatusServiceUnavailable,
	"unhealthy": http.StatusInternalServerError}

func answer(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v) // an error means that the client went away
}

// health is the answer of GET /health.
type health struct {
	Status        string `json:"status"`
	Message       string `json:"message"`
	State         string `json:"state"`
	ApplicationID string `json:"application_id"`
	Version       string `json:"version"`
	// Partitions are those that the instance has: a task reads one.
	Partitions int `json:"partitions"`
	Tasks      struct {
		Running   int `json:"running"`
		Restoring int `json:"restoring"`
	} `json:"tasks"`
	RestoreRemaining int64  `json:"restore_remaining_records"`
	Brokers          broker `json:"brokers"`
}

// broker says whether brokers can be reached.
type broker struct {
	Reachable bool   `json:"reachable"`
	Since     string `json:"since,omitempty"`
	Error     string `json:"error,omitempty"`
}

func (a *App) health(now time.Time) health {
	v := a.life.Now()
	h := health{
		Status: "healthy", Message: v.Describe(), State: v.State.String(), ApplicationID: a.id, Version: buildinfo.Version(),
		Partitions: v.Running + v.Restoring, RestoreRemaining: v.Left(),
	}
	h.Tasks.Running, h.Tasks.Restoring = v.Running, v.Restoring
	reachable, since, err := a.brokers.State()
	h.Brokers = broker{Reachable: reachable}
	if !since.IsZero() {
		h.Brokers.Since = since.UTC().Format(time.RFC3339)
	}
	if err != nil {
		h.Brokers.Error = err.Error()
	}
	if err != nil && v.Alive() {
		h.Message = "kafka cannot be reached, and the app waits for it"
	}
	if v.Globals.Problem != "" && v.Alive() && err == nil {
		h.Message = v.Globals.Problem
	}
	if a.Paused() && v.Alive() {
		h.Message = pausedMessage
	}
	stuck := a.stuck(now, v)
	switch {
	case v.State == Error || v.State == PendingError || v.State == NotRunning:
		h.Status = "unhealthy"
	case v.State == Created || v.State == Rebalancing && !v.Joined:
		h.Status = "starting"
	case stuck != "":
		h.Status, h.Message = "unhealthy", stuck
	}
	return h
}

// pausedMessage says that [App.Pause] was called.
const pausedMessage = "the app is paused, and processes nothing until it is resumed"

// stuck says which thread has not come by for longer than it may, although brokers
// could be reached all the time; "" for none.
func (a *App) stuck(now time.Time, v life.View) string {
	reachable, since, _ := a.brokers.State()
	patience := a.values.Millis("max.poll.interval.ms")
	if v.Stuck == "" || !v.Alive() || !reachable || now.Sub(v.StuckSince) <= patience || now.Sub(since) <= patience {
		return ""
	}
	return fmt.Sprintf("thread %s has been stuck for %v: a record may take that long, or never end", v.Stuck,
		now.Sub(v.StuckSince).Round(time.Second))
}

// readiness is the answer of GET /ready.
type readiness struct {
	Ready   bool     `json:"ready"`
	Reasons []string `json:"reasons"`
	State   string   `json:"state"`
}

func (a *App) ready(now time.Time) readiness {
	v := a.life.Now()
	r := readiness{Reasons: []string{}, State: v.State.String()}
	if v.State != Running {
		r.Reasons = append(r.Reasons, v.Describe())
	}
	if a.Paused() && v.Alive() {
		r.Reasons = append(r.Reasons, pausedMessage)
	}
	if reachable, since, err := a.brokers.State(); !reachable && v.Alive() {
		at := since.UTC().Format(time.RFC3339)
		r.Reasons = append(r.Reasons, fmt.Sprintf("kafka has been unreachable since %s: %v", at, err))
	}
	if v.Globals.Problem != "" && v.Alive() {
		r.Reasons = append(r.Reasons, v.Globals.Problem)
	}
	if stuck := a.stuck(now, v); stuck != "" {
		r.Reasons = append(r.Reasons, stuck)
	}
	r.Ready = len(r.Reasons) == 0
	return r
}
