package ours

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/suiro/suiro/scripts/oracle-streams/internal/cases"
	"github.com/suiro/suiro/streams"
)

// stream is a KStream.
type stream[K, V any] struct {
	s     *streams.KStream[K, V]
	key   kind[K]
	value kind[V]
}

func (st stream[K, V]) apply(b *build, s *cases.Step) (any, error) {
	switch s.Op {
	case "filter":
		st.s = st.s.Filter(st.predicate(fn(s)), names(s)...)
		return st, nil
	case "filterNot":
		st.s = st.s.FilterNot(st.predicate(fn(s)), names(s)...)
		return st, nil
	case "peek":
		st.s = st.s.Peek(st.see(b, "peek"), names(s)...)
		return st, nil
	case "merge":
		other, ok := b.nodes[s.In[1]].(stream[K, V])
		if !ok {
			return nil, errors.New("the streams to merge have other types")
		}
		st.s = st.s.Merge(other.s, names(s)...)
		return st, nil
	case "toTable":
		made := streams.ToTable(st.s, append(rowOptions(s), streams.KeySerde(st.key.serde),
			streams.ValueSerde(st.value.serde))...)
		return table[K, V]{made, st.key, st.value}.stored(b, s, made), nil
	case "foreach":
		st.s.Foreach(st.see(b, "foreach"), names(s)...)
		return st, nil
	case "split":
		return st.split(b, s), nil
	case "toDynamic", "repartition", "to":
		return st.written(s), nil
	case "groupByKey":
		grouped, ok := any(st.s).(*streams.KStream[textual, V])
		if !ok {
			return nil, missing("grouping by windows")
		}
		return group[V]{streams.GroupByKey(grouped, textKind.serde, append(names(s), streams.ValueSerde(st.value.serde))...),
			st.value}, nil
	case "groupBy":
		by := func(k K, v V) (textual, error) {
			key, err := keyOf(fn(s), st.key.text(k), st.value.text(v))
			return bytes(key), err
		}
		return group[V]{streams.GroupBy(st.s, s.Name, by, textKind.serde, st.value.serde), st.value}, nil
	}
	return st.other(b, s)
}

// other makes joins, processors and streams of other types.
func (st stream[K, V]) other(b *build, s *cases.Step) (any, error) {
	if strings.Contains(s.Op, "oin") {
		left, ok := any(st.s).(*streams.KStream[textual, textual])
		if !ok {
			return nil, missing(s.Op + " of what is not text")
		}
		return joinStream(b, left, s)
	}
	switch {
	case s.Op == "process" && fn(s) == "lookup":
		return st.looksUp(b, s)
	case s.Op == "process" && len(s.Stores) == 0:
		return st.process(s)
	case s.Op == "process" || s.Op == "processValues":
		return st.keeps(b, s)
	}
	return st.mapped(s)
}

// written makes what writes topics.
func (st stream[K, V]) written(s *cases.Step) any {
	switch s.Op {
	case "toDynamic":
		streams.ToChosen(st.s, func(r *streams.Record[K, V], _ streams.Position) (string, error) {
			return topicOf(st.key.text(r.Key)), nil
		}, st.key.serde, st.value.serde, names(s)...)
		return st
	case "repartition":
		var opts []streams.Option
		if s.Partitions > 0 {
			opts = append(opts, streams.WithPartitions(int32(s.Partitions)))
		}
		st.s = streams.Repartition(st.s, s.Name, st.key.serde, st.value.serde, opts...)
		return st
	case "to":
		streams.To(st.s, s.Topics[0], st.key.serde, st.value.serde, names(s)...)
		return st
	}
	return st
}

// split makes the branches, which are nodes by their names.
func (st stream[K, V]) split(b *build, s *cases.Step) any {
	branches := st.s.Split(names(s)...)
	for i, name := range s.Fns {
		var opts []streams.Option
		if i < len(s.Names) {
			opts = append(opts, streams.Named(s.Names[i]))
		}
		branch := st
		if name == "default" {
			branch.s = branches.Default(opts...)
		} else {
			branch.s = branches.Branch(st.predicate(name), opts...)
		}
		b.nodes[s.Out[i]] = branch
	}
	return b.nodes[s.Out[0]]
}

// process makes the processors of the catalogue that need no stores.
func (st stream[K, V]) process(s *cases.Step) (any, error) {
	change := func(context, *streams.Record[textual, textual]) {}
	start := func(context) {}
	switch fn(s) {
	case "pass":
	case "later":
		change = func(_ context, r *streams.Record[textual, textual]) { r.Timestamp = r.Timestamp.Add(millis(500)) }
	case "stream-ticks":
		start = func(ctx context) { ticks(ctx, s, streams.StreamTime) }
	case "wall-ticks":
		start = func(ctx context) { ticks(ctx, s, streams.WallClockTime) }
	case "times":
		change = func(ctx context, r *streams.Record[textual, textual]) {
			r.Value = fmt.Appendf(nil, "%d/%d", ctx.StreamTime().UnixMilli(), ctx.Now().UnixMilli())
		}
	case "meta":
		change = func(ctx context, r *streams.Record[textual, textual]) {
			r.Value = []byte("none")
			if at, ok := ctx.RecordMetadata(); ok {
				r.Value = []byte(at.String())
			}
		}
	case "header":
		change = func(_ context, r *streams.Record[textual, textual]) {
			r.Headers = append(slices.Clone(r.Headers), streams.Header{Key: "seen", Value: []byte("1")})
		}
	default:
		return nil, missing("what the processor " + fn(s) + " needs")
	}
	return stream[textual, textual]{streams.Process(st.s,
		func(ctx context) streams.Processor[K, V] {
			start(ctx)
			return streams.ProcessorFunc[K, V](func(r *streams.Record[K, V]) error {
				out := st.texts(r)
				change(ctx, &out)
				return ctx.Forward(&out)
			})
		}, names(s)...), textKind, textKind}, nil
}

// ticks forwards a record every so often.
func ticks(ctx *streams.Context[textual, textual], s *cases.Step, by streams.PunctuationType) {
	n := 0
	ctx.Schedule(millis(s.Millis), by, func(now time.Time) error {
		n++
		return ctx.Forward(&streams.Record[textual, textual]{Key: []byte("tick"), Value: fmt.Appendf(nil, "n%d", n),
			Timestamp: now})
	})
}

// texts is a record with key and value as text.
func (st stream[K, V]) texts(r *streams.Record[K, V]) streams.Record[textual, textual] {
	return streams.Record[textual, textual]{Key: bytes(st.key.text(r.Key)), Value: bytes(st.value.text(r.Value)),
		Timestamp: r.Timestamp, Headers: r.Headers}
}

// mapped makes streams of other types.
func (st stream[K, V]) mapped(s *cases.Step) (any, error) {
	switch s.Op {
	case "mapValues":
		return stream[K, textual]{streams.MapValues(st.s, func(v V) (textual, error) {
			out, err := mapValue(fn(s), st.value.text(v))
			return bytes(out), err
		}, names(s)...), st.key, textKind}, nil
	case "flatMapValues":
		return stream[K, textual]{streams.FlatMapValues(st.s, func(v V, emit func(textual) error) error {
			all, err := flat(fn(s), st.value.text(v))
			for i := 0; i < len(all) && err == nil; i++ {
				err = emit(bytes(all[i]))
			}
			return err
		}, names(s)...), st.key, textKind}, nil
	case "map":
		return stream[textual, textual]{streams.Map(st.s, func(k K, v V) (textual, textual, error) {
			p, err := pairOf(fn(s), st.key.text(k), st.value.text(v))
			return bytes(p.key), bytes(p.value), err
		}, names(s)...), textKind, textKind}, nil
	case "flatMap":
		return stream[textual, textual]{streams.FlatMap(st.s, func(k K, v V, emit func(textual,
			textual) error) error {
			all, err := pairsOf(fn(s), st.key.text(k), st.value.text(v))
			for i := 0; i < len(all) && err == nil; i++ {
				err = emit(bytes(all[i].key), bytes(all[i].value))
			}
			return err
		}, names(s)...), textKind, textKind}, nil
	case "selectKey":
		return st.selectKey(s, names(s)), nil
	}
	return nil, missing(s.Op)
}

func (st stream[K, V]) selectKey(s *cases.Step, opts []streams.Option) stream[textual, V] {
	return stream[textual, V]{streams.SelectKey(st.s, func(k K, v V) (textual, error) {
		key, err := keyOf(fn(s), st.key.text(k), st.value.text(v))
		return bytes(key), err
	}, opts...), textKind, st.value}
}

// predicate returns a function of the catalogue.
func (st stream[K, V]) predicate(name string) func(K, V) bool {
	return func(k K, v V) bool {
		ok, err := test(name, st.key.text(k), st.value.text(v))
		if err != nil {
			panic(err)
		}
		return ok
	}
}

func (st stream[K, V]) see(b *build, who string) func(K, V) {
	return func(k K, v V) {
		b.seen = append(b.seen, who+" "+shown(st.key.text(k))+"="+shown(st.value.text(v)))
	}
}
