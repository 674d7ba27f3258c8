package ours

import (
	"fmt"
	"strconv"
	"time"

	"github.com/suiro/suiro/scripts/oracle-streams/internal/cases"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/app"
)

type (
	context = *streams.Context[textual, textual]
	record  = *streams.Record[textual, textual]
	held    = *streams.KeyValue[textual, textual]
)

// addStore declares a store for processors.
func addStore(b *build, s *cases.Step) {
	b.added[s.Store.Name] = streams.NewKeyValueStore(s.Store.Name, textKind.serde, textKind.serde)
	b.stores[s.Store.Name] = func(p app.Partition) ([]string, error) {
		it, err := p.View.KeyValue.Range(nil, nil, false)
		if err != nil {
			return nil, err
		}
		return lines(it, func() (string, string, error) { return string(it.Key()), string(it.Value()), nil })
	}
}

// withStore returns the processors of the catalogue that may keep something: what they do
// with a record, and what they schedule. nil is another processor.
func withStore(s *cases.Step) (process func(context, held, record) error, start func(context, held)) {
	start = func(context, held) {}
	switch fn(s) {
	case "count":
		process = countKept
	case "drain":
		process = func(_ context, store held, r record) error { return put(store, r.Key, r.Value) }
		start = func(ctx context, store held) {
			ctx.Schedule(millis(s.Millis), streams.StreamTime, func(now time.Time) error { return drain(ctx, store, now) })
		}
	case "previous":
		process = previous
	case "pass":
		process = func(ctx context, _ held, r record) error { return ctx.Forward(r) }
	case "later":
		process = func(ctx context, _ held, r record) error {
			r.Timestamp = r.Timestamp.Add(millis(500))
			return ctx.Forward(r)
		}
	}
	return process, start
}

// put sets the value of a key, if there is one; no value deletes it.
func put(store held, key, value textual) error {
	switch {
	case key == nil:
		return nil
	case value == nil:
		return store.Delete(key)
	}
	return store.Put(key, value)
}

// drain forwards what is kept, and forgets it.
func drain(ctx context, store held, now time.Time) error {
	return store.Range(nil, nil, func(k, v textual) (bool, error) {
		if err := ctx.Forward(&streams.Record[textual, textual]{Key: k, Value: v, Timestamp: now}); err != nil {
			return false, err
		}
		return true, store.Delete(k)
	})
}

func countKept(ctx context, store held, r record) error {
	if r.Key == nil {
		return nil
	}
	was, ok, err := store.Get(r.Key)
	if err != nil {
		return err
	}
	n := 0
	if ok {
		if n, err = strconv.Atoi(string(was)); err != nil {
			return err
		}
	}
	now, keep := strconv.AppendInt(nil, int64(n)+1, 10), textual(nil)
	if string(r.Value) != "x" {
		keep = now
	}
	if err := put(store, r.Key, keep); err != nil {
		return err
	}
	r.Value = now
	return ctx.Forward(r)
}

func previous(ctx context, store held, r record) error {
	if r.Key == nil {
		return nil
	}
	was, _, err := store.Get(r.Key)
	if err != nil {
		return err
	}
	key, value := r.Key, r.Value
	r.Value = fmt.Appendf(nil, "%s>%s", shown(text(was)), shown(text(value)))
	if err := ctx.Forward(r); err != nil {
		return err
	}
	return put(store, key, value)
}

// looksUp makes the processor that shows what a table has for a key.
func (st stream[K, V]) looksUp(b *build, s *cases.Step) (any, error) {
	of, ok := b.tables[s.Stores[0]]
	if !ok {
		return nil, missing("a store of a table that is not text")
	}
	rows := streams.StoreOf(of)
	return stream[textual, textual]{streams.Process(st.s, func(ctx context) streams.Processor[K, V] {
		table := rows.Open(ctx)
		return streams.ProcessorFunc[K, V](func(r *streams.Record[K, V]) error {
			out, found := st.texts(r), "null"
			if out.Key != nil {
				v, at, ok, err := table.Get(out.Key)
				if err != nil {
					return err
				}
				if ok {
					found = fmt.Sprintf("%s@%d", v, at.UnixMilli())
				}
			}
			out.Value = fmt.Appendf(nil, "%s&%s", shown(text(out.Value)), found)
			return ctx.Forward(&out)
		})
	}, append(names(s), streams.WithStores(rows))...), textKind, textKind}, nil
}

// keeps makes a processor that keeps something in a store, or one that leaves keys alone.
func (st stream[K, V]) keeps(b *build, s *cases.Step) (any, error) {
	from, ok := any(st.s).(*streams.KStream[textual, textual])
	if !ok {
		return nil, missing("a processor of what is not text")
	}
	process, start := withStore(s)
	if process == nil {
		return nil, missing("what the processor " + fn(s) + " needs")
	}
	opts := names(s)
	var store *streams.KeyValueStore[textual, textual]
	if len(s.Stores) > 0 {
		store = b.added[s.Stores[0]]
		opts = append(opts, streams.WithStores(store))
	}
	made := func(ctx context) streams.Processor[textual, textual] {
		var opened held
		if store != nil {
			opened = store.Open(ctx)
		}
		start(ctx, opened)
		return streams.ProcessorFunc[textual, textual](func(r record) error {
			out := *r
			return process(ctx, opened, &out)
		})
	}
	if s.Op == "processValues" {
		return stream[textual, textual]{streams.ProcessValues(from, made, opts...), textKind, textKind}, nil
	}
	return stream[textual, textual]{streams.Process(from, made, opts...), textKind, textKind}, nil
}
