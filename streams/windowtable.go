package streams

import (
	"time"

	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/cached"
	"github.com/suiro/suiro/streams/internal/join"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/internal/spans"
	"github.com/suiro/suiro/streams/internal/table"
	"github.com/suiro/suiro/streams/internal/window"
	"github.com/suiro/suiro/streams/serdes"
	"github.com/suiro/suiro/streams/topology"
)

// windowTable is a table of windows in the making.
type windowTable[K, A any] struct {
	options
	table   *KTable[Windowed[K], A]
	store   topology.Store
	key     Serde[K]
	value   Serde[A]
	windows spans.Spans
	initial func() window.Maybe[A]
}

// ofWindows are the options of a windowed aggregate.
var ofWindows = append(append([]optionKind{}, ofStore...), isEmitOnWindowClose, isRejectLate)

func newWindowTable[K, A any](b *Builder, n of, w Windows, key Serde[K], value Serde[A],
	initial func() window.Maybe[A]) *windowTable[K, A] {
	t := &windowTable[K, A]{options: n.options(b, ofWindows...), key: key, value: value, initial: initial}
	t.windows, _ = w.kept(false) // whose error was noted before
	if t.onClose {
		var err error
		if t.windows, err = w.kept(true); err != nil {
			b.mistakes.Add(err)
		}
	}
	spec := kinds.Spec{Name: nameOf(b, n, w, t.options), Kind: kinds.TimestampedWindow, Retention: t.windows.Retention}
	t.store = t.storeOptions.kept(topology.Store{Spec: spec, Size: t.windows.Size})
	t.table = &KTable[Windowed[K], A]{key: serdes.TimeWindowed(key, t.windows.Size), value: value, stored: true}
	t.table.kept = &table.Kept[Windowed[K], A]{Store: t.store, Value: value, Direct: t.withoutCaching, Read: t.rows}
	return t
}

// nameOf is the name of the store. A count in sliding windows takes no number beside, as
// in Kafka Streams.
func nameOf(b *Builder, n of, w Windows, o options) string {
	if _, ok := w.(SlidingWindows); ok {
		return b.store(n.store, n.kind)
	}
	return storeOf(b, n, o)
}

// checkedWindows notes what is wrong with windows, and returns others then.
func checkedWindows[W Windows](b *Builder, w, others W) W {
	if any(w) == nil {
		b.fail("the windows of an aggregate are nil: pass some, such as streams.TimeWindows{Size: time.Minute}")
		return others
	}
	if _, err := w.kept(false); err != nil {
		b.mistakes.Add(err)
		return others
	}
	return w
}

// Windows that stand for some that cannot be, in a topology that cannot be built.
var (
	noWindows  Windows = TimeWindows{Size: time.Minute}
	noSessions         = SessionWindows{InactivityGap: time.Minute}
)

// openWindows is the store of a table of windows in one task.
type openWindows[K, A any] struct {
	cache   *cached.Store[Windowed[K], A] // nil without one
	updates *window.Updates[K, A]
}

// decoded says that the windows of a task are kept decoded: tumbling and hopping ones. Those
// of other kinds are searched by time.
func (t *windowTable[K, A]) decoded() bool {
	return t.windows.Around == nil && t.windows.Gap == nil && !t.onClose
}

// rows reads the table by key and window in one task.
func (t *windowTable[K, A]) rows(ctx topology.Context) join.Getter[Windowed[K], A] {
	switch {
	case t.decoded():
		return table.WindowRows(t.table.kept.OpenWindows(ctx), t.key.Serialize)
	case t.windows.Gap != nil:
		return window.SessionRows(ctx, t.store.Name, t.key, t.value)
	}
	return window.Rows(ctx, t.store.Name, t.key, t.value)
}

// open opens the store.
func (t *windowTable[K, A]) open(ctx topology.Context, next handler[Windowed[K], node.Change[A]]) openWindows[K, A] {
	o := openWindows[K, A]{}
	out := window.Output[K, A]{Store: t.store.Name, Key: t.key, Aggregate: t.value, OnClose: t.onClose,
		Slack: t.windows.Slack(), Next: next}
	if t.decoded() {
		o.cache = t.table.kept.OpenWindows(ctx)
		o.cache.Own(next, t.table.sendsOld, func() A { return t.initial().Value })
	} else {
		out.Cached, out.SendOld = ctx.Cached() && !t.withoutCaching && !t.onClose, t.table.sendsOld
	}
	o.updates = window.NewUpdates(ctx, out)
	return o
}

// aggregateWindows makes the node that aggregates a stream in windows, in one task.
func aggregateWindows[K, V, A any](t *windowTable[K, A], ctx topology.Context, name string, store openWindows[K, A],
	a window.Aggregator[K, V, A]) handler[K, V] {
	o := &window.Options[K, V, A]{Name: name, Aggregator: a, RejectLate: t.rejectLate, Now: ctx.Now,
		Interval: ctx.EmitInterval(), Updates: store.updates}
	return spans.Aggregate(t.windows, ctx, o, store.cache)
}
