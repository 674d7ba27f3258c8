package ours

import (
	"strings"

	"github.com/suiro/suiro/scripts/oracle-streams/internal/cases"
	"github.com/suiro/suiro/streams"
)

// joined joins two values; nil is none.
func joined(s *cases.Step) func(left, right *textual) (textual, error) {
	return func(left, right *textual) (textual, error) {
		both := side(left) + "&" + side(right)
		switch s.Fns[0] {
		case "and":
			return textual(both), nil
		case "nil-on-x":
			if strings.Contains(both, "x") {
				return nil, nil
			}
			return textual(both), nil
		}
		return nil, unknown(s.Fns[0])
	}
}

func side(v *textual) string {
	if v == nil {
		return shown(nil)
	}
	return shown(text(*v))
}

// innerJoined and leftJoined are joined for joins of which both sides, or the left one, are
// there.
func innerJoined(s *cases.Step) func(left, right textual) (textual, error) {
	return func(left, right textual) (textual, error) { return joined(s)(&left, &right) }
}

func leftJoined(s *cases.Step) func(left textual, right *textual) (textual, error) {
	return func(left textual, right *textual) (textual, error) { return joined(s)(&left, right) }
}

// joinStream makes the joins of a stream with what is on their right side.
func joinStream(b *build, left *streams.KStream[textual, textual], s *cases.Step) (any, error) {
	made := stream[textual, textual]{nil, textKind, textKind}
	switch right := b.nodes[s.In[1]].(type) {
	case stream[textual, textual]:
		made.s = joinedStreams(left, right.s, s)
	case *streams.GlobalKTable[textual, textual]:
		made.s = joinedGlobal(left, right, s)
	case table[textual, textual]:
		opts := textSerdes(s)
		if s.Window != nil && s.Window.Grace >= 0 {
			opts = append(opts, streams.WithGracePeriod(millis(s.Window.Grace)))
		}
		switch s.Op {
		case "joinTable":
			made.s = streams.JoinTable(left, right.t, innerJoined(s), opts...)
		case "leftJoinTable":
			made.s = streams.LeftJoinTable(left, right.t, leftJoined(s), opts...)
		}
	}
	if made.s == nil {
		return nil, missing(s.Op)
	}
	return made, nil
}

// joinedGlobal makes the joins of a stream with a global table.
func joinedGlobal(left *streams.KStream[textual, textual], right *streams.GlobalKTable[textual, textual],
	s *cases.Step) *streams.KStream[textual, textual] {
	choose := func(k, v textual) (textual, error) {
		key, err := keyOf(s.Fns[1], text(k), text(v))
		return bytes(key), err
	}
	if s.Op == "joinGlobal" {
		return streams.JoinGlobal(left, right, choose, innerJoined(s), names(s)...)
	}
	return streams.LeftJoinGlobal(left, right, choose, leftJoined(s), names(s)...)
}

// textSerdes are the options of a step that may repartition text.
func textSerdes(s *cases.Step) []streams.Option {
	return append(names(s), streams.KeySerde(textKind.serde), streams.ValueSerde(textKind.serde))
}

func joinedStreams(left, right *streams.KStream[textual, textual], s *cases.Step) *streams.KStream[textual, textual] {
	w := streams.TimeDifference(millis(s.Window.Size), millis(max(s.Window.Grace, 0)))
	if s.Window.After >= 0 {
		w.After = millis(s.Window.After)
	}
	k, v, o := textKind.serde, textKind.serde, storeOptions(s)
	if name := storeName(s); name != "" {
		o = append(o, streams.StoreName(name))
	}
	switch s.Op {
	case "joinStream":
		return streams.Join(left, right, w, innerJoined(s), k, v, v, o...)
	case "leftJoinStream":
		return streams.LeftJoin(left, right, w, leftJoined(s), k, v, v, o...)
	}
	return streams.OuterJoin(left, right, w, joined(s), k, v, v, o...)
}

// joinTable makes the joins of a table with another one.
func joinTable(b *build, left *streams.KTable[textual, textual], s *cases.Step) (any, error) {
	other, ok := b.nodes[s.In[1]].(table[textual, textual])
	if !ok {
		return nil, missing(s.Op)
	}
	o := rowOptions(s)
	if s.Store != nil || strings.HasSuffix(s.Op, "Foreign") {
		o = append(o, streams.ValueSerde(textKind.serde))
	}
	foreign := func(_, v textual) (*textual, error) {
		key, err := keyOf(s.Fns[1], nil, text(v))
		made := bytes(key)
		return &made, err
	}
	var t *streams.KTable[textual, textual]
	switch s.Op {
	case "joinTables":
		t = streams.JoinTables(left, other.t, innerJoined(s), o...)
	case "leftJoinTables":
		t = streams.LeftJoinTables(left, other.t, leftJoined(s), o...)
	case "outerJoinTables":
		t = streams.OuterJoinTables(left, other.t, joined(s), o...)
	case "joinForeign":
		t = streams.JoinForeignKey(left, other.t, foreign, innerJoined(s), o...)
	case "leftJoinForeign":
		t = streams.LeftJoinForeignKey(left, other.t, foreign, leftJoined(s), o...)
	default:
		return nil, missing(s.Op)
	}
	return table[textual, textual]{t, textKind, textKind}.stored(b, s, t), nil
}
