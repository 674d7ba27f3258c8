package ours

import (
	"fmt"

	"github.com/suiro/suiro/scripts/oracle-streams/internal/cases"
	"github.com/suiro/suiro/streams"
)

// cogroup is a CogroupedKStream, with windows or without.
type cogroup struct {
	c *streams.CogroupedKStream[textual, textual]
	w *cases.Window
}

// joiner is a group of any values.
type joiner interface {
	join(c *streams.CogroupedKStream[textual, textual], s *cases.Step,
		fn string) *streams.CogroupedKStream[textual, textual]
}

func (g group[V]) join(c *streams.CogroupedKStream[textual, textual], _ *cases.Step,
	fn string) *streams.CogroupedKStream[textual, textual] {
	add := adder(&cases.Step{Fns: []string{fn}}, g.value)
	if c == nil {
		return streams.Cogroup(g.g, add)
	}
	return streams.CogroupWith(c, g.g, add)
}

// newCogroup makes a cogroup of the groups of a step.
func newCogroup(b *build, _ any, s *cases.Step) (any, error) {
	var c *streams.CogroupedKStream[textual, textual]
	for i, in := range s.In {
		g, ok := b.nodes[in].(joiner)
		if !ok {
			return nil, fmt.Errorf("%s is not a group", in)
		}
		c = g.join(c, s, s.Fns[i])
	}
	return cogroup{c: c}, nil
}

func (c cogroup) apply(b *build, s *cases.Step) (any, error) {
	if s.Op == "windowedBy" {
		c.w = s.Window
		return c, nil
	}
	if s.Op != "aggregate" {
		return nil, missing(s.Op + " of a cogroup")
	}
	w := cut{w: c.w}
	if s.Store != nil {
		w.retention = s.Store.Retention
	}
	switch {
	case c.w == nil:
		made := streams.AggregateCogrouped(c.c, storeName(s), begin(s), textKind.serde, storeOptions(s)...)
		return kept(b, made, textKind, textKind, rowsOf(b, s, textKind)), nil
	case c.w.Kind == "session":
		made := streams.AggregateCogroupedSessions(c.c, w.sessions(), storeName(s), begin(s), merger, textKind.serde,
			storeOptions(s)...)
		return kept(b, made, w.keys(), textKind, inSessions(textKind)), nil
	}
	made := streams.AggregateCogroupedWindows(c.c, w.windows(), storeName(s), begin(s), textKind.serde, storeOptions(s)...)
	return kept(b, made, w.keys(), textKind, inWindows(c.w, textKind)), nil
}

// suppressed is what a step asks to be held back.
func suppressed(s *cases.Step) streams.Suppressed {
	var limit streams.BufferConfig
	if s.Buffer != nil {
		limit = streams.BufferConfig{MaxRecords: s.Buffer.Records, ShutDownWhenFull: s.Buffer.Shutdown}
		if s.Buffer.Records == 0 {
			limit.MaxBytes = s.Buffer.Bytes
		}
	}
	if fn(s) == "closes" {
		return streams.UntilWindowCloses(limit)
	}
	return streams.UntilTimeLimit(millis(s.Millis), limit)
}
