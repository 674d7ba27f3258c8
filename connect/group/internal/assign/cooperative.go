package assign

import (
	"time"

	"github.com/suiro/suiro/connect/group/internal/work"
	"github.com/suiro/suiro/connect/herder/api"
)

// Round is what the leader knows when it assigns.
type Round struct {
	// Now is the time.
	Now time.Time
	// MaxDelay is how long lost work waits for its worker, and the longest pause
	// between rounds that revoke for balance. 0 waits for nothing.
	MaxDelay time.Duration
	// Generation is that of this round, and Last that of the round before which the
	// leader has completed as a member, of any role.
	Generation, Last int32
	// Configured is all work there is.
	Configured work.Set
	// Held is what each member works on.
	Held map[string]work.Set
	// Loads say how busy each task is that someone has measured; nil divides by number.
	Loads map[api.TaskID]int64
	// LoadPause is the time between rounds in which tasks move for their loads alone, and
	// after which all join again to tell theirs.
	LoadPause time.Duration
}

// Result is what the leader answers.
type Result struct {
	// Assigned is what each member is given in addition.
	Assigned map[string]work.Set
	// Revoked is what members stop; those that stop nothing may be missing.
	Revoked map[string]work.Set
	// Owned is what each member has after the round.
	Owned map[string]work.Set
	// Delay is after which time all join again, 0 for never.
	Delay time.Duration
}

// History is what a round leaves for the next. The zero value is that of a worker
// that was not the leader: it takes nothing for lost.
type History struct {
	generation int32
	owner      map[api.TaskID]string // "" for what waits for its worker
	members    map[string]bool
	returned   map[string]bool // who had no work while lost work waited
	lostUntil  time.Time       // until when lost work waits; zero for none

	revoked     bool      // the last round revoked for balance
	successive  uint      // how many wanted to, one after the other
	revokeAfter time.Time // before then no round does; zero for none
	loadAfter   time.Time // before then none does for loads, while no member comes or goes
}

// Next assigns. The history that it returns is for the caller to keep when all
// members have the result; until then the old one is true.
func (h History) Next(r Round) (Result, History) {
	if h.generation != r.Last {
		h = History{} // another has led since
	}
	next := History{generation: r.Generation, members: map[string]bool{}, owner: map[api.TaskID]string{},
		returned: h.returned, lostUntil: h.lostUntil,
		revoked: h.revoked, successive: h.successive, revokeAfter: h.revokeAfter, loadAfter: h.loadAfter}
	held := shares(r.Held)
	var w weights
	if r.Loads != nil {
		w = weigh(r.Configured, r.Loads)
	}
	given := h.given()
	deleted := given.Minus(r.Configured)
	deleted.Add(held.all().Minus(r.Configured))
	lost := given.Minus(held.all(), deleted)

	revoked := h.duplicates(held)
	for m, set := range held {
		revoked[m].Add(set.And(deleted))
	}
	owned := held.minus(revoked)
	created := r.Configured.Minus(given, held.all())
	next.handOutLost(h, r, lost, owned, w)
	if next.lostUntil.IsZero() {
		surplus := next.revocations(r, owned, w)
		if w != nil && len(created) == 0 && (h.others(owned) || !r.Now.Before(h.loadAfter)) {
			next.relieve(r, owned, w, surplus)
		}
		running := surplus.of(held)
		for m, set := range running {
			revoked[m].Add(set)
		}
		next.revoked = next.revoked && len(running) > 0
		created.Add(surplus.minus(running).all()) // handed out above, and not begun: others can have it at once
		owned = owned.minus(surplus)
	}
	owned.give(created, owned.members(), w)

	next.remember(owned, lost)
	return Result{Assigned: owned.minus(held), Revoked: revoked, Owned: owned, Delay: next.delay(r)}, next
}

// given is what the last round gave out, and what it kept waiting.
func (h History) given() work.Set {
	s := work.Set{}
	for id := range h.owner {
		s[id] = true
	}
	return s
}

// duplicates is what each member has to stop because another works on it too: all
// but the one that was given it last, and everybody when that is not known.
func (h History) duplicates(held shares) shares {
	twice, stop := held.twice(), make(shares, len(held))
	for m, set := range held {
		stop[m] = work.Set{}
		for id := range set.And(twice) {
			if h.owner[id] != m {
				stop[m][id] = true
			}
		}
	}
	return stop
}

// handOutLost adds lost work to what members own: at once when no worker has left
// or waiting is switched off, otherwise when the time to wait is over, to those who
// came back without work. It keeps the clock.
func (h *History) handOutLost(last History, r Round, lost work.Set, owned shares, w weights) {
	left := false
	for m := range last.members {
		if _, there := owned[m]; !there {
			left = true
		}
	}
	switch {
	case len(lost) == 0:
	case r.MaxDelay <= 0, h.lostUntil.IsZero() && !left:
		owned.give(lost, owned.members(), w)
	case h.lostUntil.IsZero():
		h.lostUntil, h.returned, h.revoked = r.Now.Add(r.MaxDelay), idle(owned, nil), false
		return
	case r.Now.Before(h.lostUntil):
		h.returned = idle(owned, h.returned)
		return
	default:
		owned.give(lost, present(owned, h.returned), w)
	}
	h.lostUntil, h.returned = time.Time{}, nil
}

// idle is who has no work, and who was found so before.
func idle(owned shares, before map[string]bool) map[string]bool {
	out := map[string]bool{}
	for m, set := range owned {
		if len(set) == 0 || before[m] {
			out[m] = true
		}
	}
	return out
}

// present is who of the wanted is there, or everybody when none is.
func present(owned shares, wanted map[string]bool) []string {
	var out []string
	for _, m := range owned.members() {
		if wanted[m] {
			out = append(out, m)
		}
	}
	if len(out) == 0 {
		return owned.members()
	}
	return out
}

// revocations is what is taken from members for balance in this round.
func (h *History) revocations(r Round, owned shares, w weights) shares {
	surplus := owned.surplus(r.Configured, w)
	switch {
	case len(surplus) == 0:
		h.revoked, h.successive, h.revokeAfter = false, 0, time.Time{}
		return shares{}
	case r.Now.Before(h.revokeAfter):
		return shares{}
	case h.revoked:
		h.successive++
		if pause := backOff(h.successive, r.MaxDelay); pause > 0 {
			h.revoked, h.revokeAfter = false, r.Now.Add(pause)
			return shares{}
		}
	}
	h.revoked, h.revokeAfter = true, time.Time{}
	return surplus
}

// relieve adds what members give up because of their loads.
func (h *History) relieve(r Round, owned shares, w weights, surplus shares) {
	for m, set := range owned.overload(w) {
		surplus.add(m, set)
		h.loadAfter = r.Now.Add(r.LoadPause)
	}
}

// others reports whether the members of the last round were others.
func (h History) others(owned shares) bool {
	for m := range owned {
		if !h.members[m] {
			return true
		}
	}
	return len(h.members) != len(owned)
}

// backOff is Kafka Connect's: 40 ms, and forty times as long each time.
func backOff(n uint, longest time.Duration) time.Duration {
	pause := time.Millisecond
	for ; n > 0 && pause < longest; n-- {
		pause *= 40
	}
	return min(pause, longest)
}

// remember keeps who owns what, and what waits. What was revoked has no owner, so
// that the next round takes it for created.
func (h *History) remember(owned shares, lost work.Set) {
	for id := range lost {
		h.owner[id] = ""
	}
	for m, set := range owned {
		h.members[m] = true
		for id := range set {
			h.owner[id] = m
		}
	}
}

// delay is the time until something may be done that had to wait.
func (h *History) delay(r Round) time.Duration {
	until := h.lostUntil
	if until.IsZero() {
		until = h.revokeAfter
	}
	switch {
	case until.IsZero() && r.Loads != nil:
		return r.LoadPause
	case until.IsZero():
		return 0
	}
	return min(max(until.Sub(r.Now), 0), r.MaxDelay)
}
