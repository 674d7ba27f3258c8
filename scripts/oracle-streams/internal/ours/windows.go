package ours

import (
	"time"

	"github.com/suiro/suiro/scripts/oracle-streams/internal/cases"
	"github.com/suiro/suiro/streams"
)

func millis(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

// cut is the windows of a case. Kafka Streams keeps them no longer than it must.
type cut struct {
	w         *cases.Window
	retention int64
	onClose   bool
}

func (c cut) grace() int64 { return max(c.w.Grace, 0) }

func (c cut) keep(least int64) time.Duration { return millis(max(c.retention, least)) }

func (c cut) windows() streams.Windows {
	switch c.w.Kind {
	case "sliding":
		return streams.SlidingWindows{TimeDifference: millis(c.w.Size), Grace: millis(c.grace()),
			Retention: c.keep(2*c.w.Size + c.grace())}
	case "unlimited":
		return streams.UnlimitedWindows{}
	}
	return streams.TimeWindows{Size: millis(c.w.Size), Advance: millis(c.w.Advance), Grace: millis(c.grace()),
		Retention: c.keep(c.w.Size + c.grace())}
}

func (c cut) sessions() streams.SessionWindows {
	return streams.SessionWindows{InactivityGap: millis(c.w.Size), Grace: millis(c.grace()),
		Retention: c.keep(c.w.Size + c.grace())}
}

// keys are those of the tables.
func (c cut) keys() kind[window] {
	switch c.w.Kind {
	case "session":
		return sessionKind
	case "unlimited":
		return windowKind(0)
	}
	return windowKind(c.w.Size)
}

// options are those of the store and of the windows.
func (c cut) options(s *cases.Step) []streams.Option {
	if c.onClose {
		return append(storeOptions(s), streams.EmitOnWindowClose())
	}
	return storeOptions(s)
}

// windowed is a windowed stream of any kind, whose retention is not known yet.
type windowed[V any] struct {
	g     *streams.KGroupedStream[textual, V]
	w     *cases.Window
	value kind[V]
	close bool
}

func (w windowed[V]) apply(b *build, s *cases.Step) (any, error) {
	if s.Op == "emitStrategy" {
		w.close = fn(s) == "close"
		return w, nil
	}
	c := cut{w: w.w, onClose: w.close}
	if s.Store != nil {
		c.retention = s.Store.Retention
	}
	if c.w.Kind == "session" {
		return w.session(b, s, c)
	}
	g := w.g.WindowedBy(c.windows())
	switch s.Op {
	case "count":
		made := streams.CountWindows(g, storeName(s), c.options(s)...)
		return kept(b, made, c.keys(), longKind, inWindows(w.w, longKind)), nil
	case "aggregate":
		made := streams.AggregateWindows(g, storeName(s), begin(s), adder[V](s, w.value), textKind.serde, c.options(s)...)
		return kept(b, made, c.keys(), textKind, inWindows(w.w, textKind)), nil
	case "reduce":
		if g, ok := any(g).(*streams.TimeWindowedKStream[textual, textual]); ok {
			made := streams.ReduceWindows(g, storeName(s), reducer(s), textKind.serde, c.options(s)...)
			return kept(b, made, c.keys(), textKind, inWindows(w.w, textKind)), nil
		}
	}
	return nil, missing(s.Op + " in windows")
}

func (w windowed[V]) session(b *build, s *cases.Step, c cut) (any, error) {
	g := w.g.SessionWindowedBy(c.sessions())
	switch s.Op {
	case "count":
		made := streams.CountSessions(g, storeName(s), c.options(s)...)
		return kept(b, made, c.keys(), longKind, inSessions(longKind)), nil
	case "aggregate":
		made := streams.AggregateSessions(g, storeName(s), begin(s), adder[V](s, w.value), merger, textKind.serde,
			c.options(s)...)
		return kept(b, made, c.keys(), textKind, inSessions(textKind)), nil
	case "reduce":
		if g, ok := any(g).(*streams.SessionWindowedKStream[textual, textual]); ok {
			made := streams.ReduceSessions(g, storeName(s), reducer(s), textKind.serde, c.options(s)...)
			return kept(b, made, c.keys(), textKind, inSessions(textKind)), nil
		}
	}
	return nil, missing(s.Op + " in sessions")
}

func reducer(s *cases.Step) func(value, next textual) (textual, error) {
	return func(value, next textual) (textual, error) {
		out, err := reduce(fn(s), text(value), text(next))
		return bytes(out), err
	}
}

// merger makes one aggregate of those of two sessions.
func merger(_ textual, one, two textual) (textual, error) {
	out, err := reduce("bar", text(one), text(two))
	return bytes(out), err
}
