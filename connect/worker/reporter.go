package worker

import (
	"errors"
	"sync"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/excerpt"
)

// reporter holds the status of a connector or task and tells its changes in order. It
// is safe for concurrent use.
type reporter struct {
	hide    func(string) string // takes secrets out of a text
	changed func(Status)        // told of each change; nil for nobody

	// Taken in this order.
	telling sync.Mutex // held until a change is told
	mu      sync.Mutex // guards status
	status  Status
}

func (r *reporter) get() Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.status
}

// edit changes the status and tells the new one, unless it is as it was.
func (r *reporter) edit(change func(*Status)) {
	r.telling.Lock()
	defer r.telling.Unlock()
	r.mu.Lock()
	before := r.status
	change(&r.status)
	now := r.status
	r.mu.Unlock()
	if now != before && r.changed != nil {
		r.changed(now)
	}
}

func (r *reporter) set(state State, trace string) {
	r.edit(func(s *Status) { *s = Status{State: state, Trace: trace} })
}

func (r *reporter) fail(err error) {
	var wrong config.Errors
	r.edit(func(s *Status) {
		*s = Status{State: Failed, Trace: r.trace(err), Misconfigured: errors.As(err, &wrong)}
	})
}

// trouble shows an error while what it happened to goes on trying; nil clears it.
func (r *reporter) trouble(err error) {
	r.edit(func(s *Status) {
		s.Trace = ""
		if err != nil {
			s.Trace = r.trace(err)
		}
	})
}

// trace is the text of err as a status shows it.
func (r *reporter) trace(err error) string { return excerpt.Trace(err, r.hide) }
