// Package health says whether an app is alive, and whether it does its work, as GET /health and
// GET /ready answer.
package health

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/streams/internal/life"
)

// Probe looks at an app. Any goroutine may use it.
type Probe struct {
	// ApplicationID and Version are what the app is.
	ApplicationID, Version string
	// Life is how far the app has come.
	Life *life.Life
	// Brokers says whether they can be reached.
	Brokers *kafka.Brokers
	// Paused reports whether the app is paused.
	Paused func() bool
	// Patience is how long a thread may take until it comes by.
	Patience time.Duration
}

// Handle adds GET /health and GET /ready.
func (p *Probe) Handle(mux *http.ServeMux) {
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		h := p.health(time.Now())
		answer(w, healthCodes[h.Status], h)
	})
	mux.HandleFunc("GET /ready", func(w http.ResponseWriter, _ *http.Request) {
		r, code := p.ready(time.Now()), http.StatusOK
		if !r.Ready {
			code = http.StatusServiceUnavailable
		}
		answer(w, code, r)
	})
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

func (p *Probe) health(now time.Time) health {
	v := p.Life.Now()
	h := health{
		Status: "healthy", Message: v.Describe(), State: v.State.String(), ApplicationID: p.ApplicationID, Version: p.Version,
		Partitions: v.Running + v.Restoring, RestoreRemaining: v.Left(),
	}
	h.Tasks.Running, h.Tasks.Restoring = v.Running, v.Restoring
	reachable, since, err := p.Brokers.State()
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
	if v.Waiting != "" && v.Alive() && err == nil {
		h.Message = v.Waiting
	}
	if p.Paused() && v.Alive() {
		h.Message = pausedMessage
	}
	stuck := p.stuck(now, v)
	switch {
	case v.State == life.Error || v.State == life.PendingError || v.State == life.NotRunning:
		h.Status = "unhealthy"
	case v.State == life.Created || v.State == life.Rebalancing && !v.Joined:
		h.Status = "starting"
	case stuck != "":
		h.Status, h.Message = "unhealthy", stuck
	}
	return h
}

// pausedMessage says that someone has paused the app.
const pausedMessage = "the app is paused, and processes nothing until it is resumed"

// stuck says which thread has not come by for longer than it may, although brokers
// could be reached all the time; "" for none.
func (p *Probe) stuck(now time.Time, v life.View) string {
	reachable, since, _ := p.Brokers.State()
	if v.Stuck == "" || !v.Alive() || !reachable || now.Sub(v.StuckSince) <= p.Patience || now.Sub(since) <= p.Patience {
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

func (p *Probe) ready(now time.Time) readiness {
	v := p.Life.Now()
	r := readiness{Reasons: []string{}, State: v.State.String()}
	if v.State != life.Running {
		r.Reasons = append(r.Reasons, v.Describe())
	}
	if p.Paused() && v.Alive() {
		r.Reasons = append(r.Reasons, pausedMessage)
	}
	if reachable, since, err := p.Brokers.State(); !reachable && v.Alive() {
		at := since.UTC().Format(time.RFC3339)
		r.Reasons = append(r.Reasons, fmt.Sprintf("kafka has been unreachable since %s: %v", at, err))
	}
	if v.Globals.Problem != "" && v.Alive() {
		r.Reasons = append(r.Reasons, v.Globals.Problem)
	}
	if v.Waiting != "" && v.Alive() {
		r.Reasons = append(r.Reasons, v.Waiting)
	}
	if stuck := p.stuck(now, v); stuck != "" {
		r.Reasons = append(r.Reasons, stuck)
	}
	r.Ready = len(r.Reasons) == 0
	return r
}
