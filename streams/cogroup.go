package streams

import (
	"strconv"

	"github.com/suiro/suiro/streams/internal/aggregate"
	"github.com/suiro/suiro/streams/internal/cached"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/internal/table"
	"github.com/suiro/suiro/streams/internal/window"
	"github.com/suiro/suiro/streams/topology"
)

// CogroupedKStream is several grouped streams with keys of one type, whose records are
// added to one aggregate for each key.
type CogroupedKStream[K, A any] struct {
	b      *Builder
	key    Serde[K]
	groups []cogrouped[K, A]
}

// cogrouped is one of the streams.
type cogrouped[K, A any] interface {
	// partition returns what adds the nodes of a stream, which has gone through a
	// repartition topic if it must.
	partition(store string) member[K, A]
}

// member is a stream whose equal keys are in one partition.
type member[K, A any] interface {
	// plain adds the node that aggregates without windows.
	plain(name string, stores []topology.Store, open func(topology.Context) *cached.Store[K, A], initial func() A)
	// windowed adds the node that aggregates in windows.
	windowed(name string, t *windowTable[K, A], open func(topology.Context) openWindows[K, A], initial func() A,
		merge func(K, A, A) (A, error))
	// at is the node above.
	at() string
}

// Cogroup begins a CogroupedKStream with a stream, and how its records are added.
func Cogroup[K, V, A any](g *KGroupedStream[K, V],
	add func(key K, value V, aggregate A) (A, error)) *CogroupedKStream[K, A] {
	return CogroupWith(&CogroupedKStream[K, A]{b: g.stream.b, key: g.key}, g, add)
}

// CogroupWith returns c with one more stream.
func CogroupWith[K, V, A any](c *CogroupedKStream[K, A], g *KGroupedStream[K, V],
	add func(key K, value V, aggregate A) (A, error)) *CogroupedKStream[K, A] {
	c.b.need(add).options("Cogroup", nil)
	more := *c
	more.groups = append(c.groups[:len(c.groups):len(c.groups)], &cogroupOf[K, V, A]{g, add})
	return &more
}

// cogroupOf is a stream with values of one type.
type cogroupOf[K, V, A any] struct {
	g   *KGroupedStream[K, V]
	add func(K, V, A) (A, error)
}

func (c *cogroupOf[K, V, A]) partition(store string) member[K, A] {
	return &memberOf[K, V, A]{c.g.partitioned(store), c.g.key, c.add}
}

type memberOf[K, V, A any] struct {
	stream *KStream[K, V]
	key    Serde[K]
	add    func(K, V, A) (A, error)
}

func (m *memberOf[K, V, A]) at() string { return m.stream.node }

func (m *memberOf[K, V, A]) plain(name string, stores []topology.Store, open func(topology.Context) *cached.Store[K, A],
	initial func() A) {
	m.stream.b.graph.AddProcessor(topology.Processor{Name: name, Stores: stores}, m.stream.node)
	first := func(k K, v V) (A, error) { return m.add(k, v, initial()) }
	m.stream.child(func(ctx topology.Context) handler[K, V] {
		n := &aggregate.Stream[K, V, A]{Context: ctx, Store: open(ctx), Key: m.key.Serialize, First: first, Add: m.add}
		return n.Process
	})
}

func (m *memberOf[K, V, A]) windowed(name string, t *windowTable[K, A],
	open func(topology.Context) openWindows[K, A], initial func() A, merge func(K, A, A) (A, error)) {
	m.stream.b.graph.AddProcessor(topology.Processor{Name: name, Stores: []topology.Store{t.store}}, m.stream.node)
	a := window.Fold(initial, m.add, merge)
	m.stream.child(func(ctx topology.Context) handler[K, V] {
		return aggregateWindows(t, ctx, name, open(ctx), a)
	})
}

// AggregateCogrouped is [Aggregate] of all the streams: each record is added by the
// function that its stream came with. It takes the options of [Aggregate].
func AggregateCogrouped[K, A any](c *CogroupedKStream[K, A], store string, initial func() A, serde Serde[A],
	opts ...Option) *KTable[K, A] {
	b, n := c.b, of{"AggregateCogrouped", cogroupKind, store, opts, []any{initial, serde}}
	o := n.options(b, ofRows...)
	t := &KTable[K, A]{key: c.key, value: serde, stored: true}
	name := b.store(n.store, n.kind)
	members := c.partitioned(name)
	nodes, merge := c.nodes(o, members)
	t.changes = &KStream[K, node.Change[A]]{b: b, node: merge}
	open := func(ctx topology.Context) *cached.Store[K, A] {
		made := ctx.Once("cogroup "+merge, func() any { return t.own(ctx, t.changes.instantiate(ctx), initial) })
		return made.(*cached.Store[K, A])
	}
	t.kept = &table.Kept[K, A]{Store: o.rowsIn(name), Key: c.key, Value: serde, Direct: o.withoutCaching}
	for i, m := range members {
		m.plain(nodes[i], []topology.Store{t.kept.Store}, open, initial)
	}
	b.graph.AddProcessor(topology.Processor{Name: merge}, nodes...)
	return t
}

const cogroupKind = "COGROUPKSTREAM-AGGREGATE"

// partitioned returns the streams with equal keys in one partition each.
func (c *CogroupedKStream[K, A]) partitioned(store string) (members []member[K, A]) {
	for _, g := range c.groups {
		members = append(members, g.partition(store))
	}
	return members
}

// nodes names the nodes of an aggregate.
func (c *CogroupedKStream[K, A]) nodes(o options, members []member[K, A]) (nodes []string, merge string) {
	named := func(suffix, generated string) string {
		if o.name != "" {
			return o.name + suffix
		}
		return generated
	}
	for i := range members {
		nodes = append(nodes, named("-cogroup-agg-"+strconv.Itoa(i), c.b.names.Next(cogroupKind)))
	}
	return nodes, named("-cogroup-merge", c.b.names.Next("COGROUPKSTREAM-MERGE"))
}

// AggregateCogroupedWindows is [AggregateWindows] of all the streams. It takes the options
// of [Aggregate] and [RejectLate].
func AggregateCogroupedWindows[K, A any](c *CogroupedKStream[K, A], w Windows, store string, initial func() A,
	serde Serde[A], opts ...Option) *KTable[Windowed[K], A] {
	w = checkedWindows(c.b, w, noWindows)
	first := func() window.Maybe[A] { return window.Some(initial()) }
	t := newWindowTable(c.b, of{"AggregateCogroupedWindows", cogroupKind, store, opts, []any{initial, serde}}, w,
		c.key, serde, first)
	return cogroupWindows(c, t, initial, nil)
}

// AggregateCogroupedSessions is [AggregateSessions] of all the streams. It takes the options
// of [AggregateCogroupedWindows].
func AggregateCogroupedSessions[K, A any](c *CogroupedKStream[K, A], w SessionWindows, store string, initial func() A,
	merge func(key K, one, two A) (A, error), serde Serde[A], opts ...Option) *KTable[Windowed[K], A] {
	w = checkedWindows(c.b, w, noSessions)
	first := func() window.Maybe[A] { return window.Some(initial()) }
	n := of{"AggregateCogroupedSessions", cogroupKind, store, opts, []any{initial, merge, serde}}
	t := newSessionTable(c.b, n, w, c.key, serde, first)
	return cogroupWindows(c, t, initial, merge)
}

func cogroupWindows[K, A any](c *CogroupedKStream[K, A], t *windowTable[K, A], initial func() A,
	merge func(K, A, A) (A, error)) *KTable[Windowed[K], A] {
	if t.onClose {
		c.b.fail("a cogrouped aggregate does not take EmitOnWindowClose: use Suppress with UntilWindowCloses")
	}
	members := c.partitioned(t.store.Name)
	nodes, last := c.nodes(t.options, members)
	t.table.changes = &KStream[Windowed[K], node.Change[A]]{b: c.b, node: last}
	open := func(ctx topology.Context) openWindows[K, A] {
		made := ctx.Once("cogroup "+last, func() any { return t.open(ctx, t.table.changes.instantiate(ctx)) })
		return made.(openWindows[K, A])
	}
	for i, m := range members {
		m.windowed(nodes[i], t, open, initial, merge)
		c.b.graces[nodes[i]] = t.windows.ClosesAfter()
	}
	c.b.graph.AddProcessor(topology.Processor{Name: last}, nodes...)
	return t.table
}
