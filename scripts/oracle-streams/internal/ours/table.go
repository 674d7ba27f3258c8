package ours

import (
	"strings"

	"github.com/suiro/suiro/scripts/oracle-streams/internal/cases"
	"github.com/suiro/suiro/streams"
)

// group is a KGroupedStream.
type group[V any] struct {
	g     *streams.KGroupedStream[textual, V]
	value kind[V]
}

func (g group[V]) apply(b *build, s *cases.Step) (any, error) {
	switch s.Op {
	case "count":
		return kept(b, streams.Count(g.g, storeName(s), storeOptions(s)...), textKind, longKind, rowsOf(b, s, longKind)), nil
	case "aggregate":
		made := streams.Aggregate(g.g, storeName(s), begin(s), adder[V](s, g.value), textKind.serde,
			storeOptions(s)...)
		return kept(b, made, textKind, textKind, rowsOf(b, s, textKind)), nil
	case "reduce":
		grouped, ok := any(g.g).(*streams.KGroupedStream[textual, textual])
		if !ok {
			return nil, missing("reduce of counts")
		}
		made := streams.Reduce(grouped, storeName(s), func(value, next textual) (textual, error) {
			out, err := reduce(fn(s), text(value), text(next))
			return bytes(out), err
		}, textKind.serde, storeOptions(s)...)
		return kept(b, made, textKind, textKind, rowsOf(b, s, textKind)), nil
	case "cogroup":
		return newCogroup(b, g, s)
	case "windowedBy":
		return windowed[V]{g: g.g, w: s.Window, value: g.value}, nil
	}
	return nil, missing(s.Op + " of a grouped stream")
}

func begin(s *cases.Step) func() textual {
	return func() textual { return bytes(initial(fn(s))) }
}

func adder[V any](s *cases.Step, value kind[V]) func(textual, V, textual) (textual, error) {
	return func(_ textual, v V, aggregate textual) (textual, error) {
		out, err := add(fn(s), value.text(v), text(aggregate))
		return bytes(out), err
	}
}

// table is a KTable.
type table[K, V any] struct {
	t     *streams.KTable[K, V]
	key   kind[K]
	value kind[V]
}

// kept returns the table of an aggregate, whose store is to be read at the end.
func kept[K, V any](b *build, t *streams.KTable[K, V], key kind[K], value kind[V], read content) table[K, V] {
	b.stores[t.QueryableStoreName()] = read
	if rows, ok := any(t).(*streams.KTable[textual, textual]); ok {
		b.tables[t.QueryableStoreName()] = rows
	}
	return table[K, V]{t, key, value}
}

func (t table[K, V]) apply(b *build, s *cases.Step) (any, error) {
	switch s.Op {
	case "toStream":
		out := stream[K, V]{t.t.ToStream(names(s)...), t.key, t.value}
		if len(s.Fns) == 0 {
			return out, nil
		}
		return out.selectKey(s, nil), nil
	case "filterTable":
		return t.stored(b, s, t.t.Filter(t.predicate(fn(s)), rowOptions(s)...)), nil
	case "filterNotTable":
		return t.stored(b, s, t.t.FilterNot(t.predicate(fn(s)), rowOptions(s)...)), nil
	case "mapTable":
		made := streams.MapTable(t.t, func(_ K, v V) (textual, error) {
			out, err := mapValue(fn(s), t.value.text(v))
			return bytes(out), err
		}, append(rowOptions(s), streams.ValueSerde(textKind.serde))...)
		return table[K, textual]{made, t.key, textKind}.stored(b, s, made), nil
	case "transformTable":
		made := streams.TransformTable(t.t, func(*streams.NodeContext) func(K, *V) (textual, error) {
			return func(k K, v *V) (textual, error) {
				if v == nil {
					return nil, nil
				}
				return textual(shown(t.key.text(k)) + ":" + shown(t.value.text(*v))), nil
			}
		}, append(rowOptions(s), streams.ValueSerde(textKind.serde))...)
		return table[K, textual]{made, t.key, textKind}.stored(b, s, made), nil
	case "groupTable":
		return groupedTable{streams.GroupTable(t.t, func(k K, v V) (textual, textual, error) {
			p, err := pairOf(fn(s), t.key.text(k), t.value.text(v))
			return bytes(p.key), bytes(p.value), err
		}, textKind.serde, textKind.serde, names(s)...)}, nil
	case "suppress":
		return table[K, V]{t.t.Suppress(suppressed(s), append(names(s), streams.KeySerde(t.key.serde),
			streams.ValueSerde(t.value.serde))...), t.key, t.value}, nil
	}
	if left, ok := any(t.t).(*streams.KTable[textual, textual]); ok && strings.Contains(s.Op, "oin") {
		return joinTable(b, left, s)
	}
	return nil, missing(s.Op + " of a table")
}

// stored returns the table made, whose store is to be read at the end if it has one.
func (t table[K, V]) stored(b *build, s *cases.Step, made *streams.KTable[K, V]) table[K, V] {
	if name := made.QueryableStoreName(); name != "" {
		b.stores[name] = rowsOf(b, s, t.value)
	}
	return table[K, V]{made, t.key, t.value}
}

func (t table[K, V]) predicate(name string) func(K, V) bool {
	return stream[K, V]{key: t.key, value: t.value}.predicate(name)
}

// rowOptions are the options of a step that makes a table of rows.
func rowOptions(s *cases.Step) []streams.Option {
	opts := storeOptions(s)
	if storeName(s) != "" {
		opts = append(opts, streams.StoreName(s.Store.Name))
	}
	return opts
}

// groupedTable is a KGroupedTable.
type groupedTable struct {
	g *streams.KGroupedTable[textual, textual]
}

func (g groupedTable) apply(b *build, s *cases.Step) (any, error) {
	opts := storeOptions(s)
	with := func(f func(string, *string, *string) (*string, error)) func(textual, textual) (textual, error) {
		return func(x, y textual) (textual, error) {
			out, err := f(fn(s), text(x), text(y))
			return bytes(out), err
		}
	}
	switch s.Op {
	case "count":
		return kept(b, streams.CountTable(g.g, storeName(s), opts...), textKind, longKind, rowsOf(b, s, longKind)), nil
	case "reduce":
		minus := func(_ string, x, y *string) (*string, error) { return reduce("minus", x, y) }
		made := streams.ReduceTable(g.g, storeName(s), with(reduce), with(minus), opts...)
		return kept(b, made, textKind, textKind, rowsOf(b, s, textKind)), nil
	case "aggregate":
		taken := with(subtract)
		made := streams.AggregateTable(g.g, storeName(s), begin(s), adder(s, textKind),
			func(_ textual, v, aggregate textual) (textual, error) { return taken(v, aggregate) }, textKind.serde, opts...)
		return kept(b, made, textKind, textKind, rowsOf(b, s, textKind)), nil
	}
	return nil, missing(s.Op + " of a grouped table")
}
