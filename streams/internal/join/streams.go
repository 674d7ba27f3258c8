package join

import (
	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// StreamOptions say how two streams are joined. All are required but as they say.
type StreamOptions[K, L, R, O any] struct {
	// Windows say which records belong together.
	Windows Windows
	// OuterLeft and OuterRight emit the records of that side which have met none of the
	// other. Default: they are left out.
	OuterLeft, OuterRight bool
	// LeftStore and RightStore are the names of the window stores.
	LeftStore, RightStore string
	// Waiting is the name of the store of records that have met no other, for those joins
	// that emit them.
	Waiting string
	// Key, Left and Right write keys and values to the stores.
	Key   Serde[K]
	Left  Serde[L]
	Right Serde[R]
	// Join makes the results.
	Join Joiner[L, R, O]
}

// Specs are the stores of the join. A joined record is looked for in the stores of the
// other side, so each side uses the store of the other, and the last one if there is one.
func (o *StreamOptions[K, L, R, O]) Specs() (left, right kinds.Spec, waiting []kinds.Spec) {
	window := kinds.Spec{Kind: kinds.Window, Retention: o.Windows.Retention(), RetainDuplicates: true}
	left, right = window, window
	left.Name, right.Name = o.LeftStore, o.RightStore
	if o.Waiting != "" {
		waiting = []kinds.Spec{{Name: o.Waiting, Kind: kinds.KeyValue}}
	}
	return left, right, waiting
}

// Streams joins two streams in one task.
type Streams[K, L, R, O any] struct {
	left  *side[K, L, R, O]
	right *side[K, R, L, O]
}

// NewStreams returns a join over the stores of the task that passes its results on to
// next.
func NewStreams[K, L, R, O any](ctx Context, o StreamOptions[K, L, R, O],
	next node.Handler[K, O]) *Streams[K, L, R, O] {
	left, right := ctx.Stores().Window(o.LeftStore), ctx.Stores().Window(o.RightStore)
	s := &shared[K, O]{ctx: ctx, key: o.Key, windows: o.Windows, next: next}
	if o.Waiting != "" {
		s.waiting = &waiting{store: ctx.Stores().KeyValue(o.Waiting), name: o.Waiting}
	}
	ctx.Overlay().Attach(&s.tracker)
	j := &Streams[K, L, R, O]{
		left: &side[K, L, R, O]{shared: s, left: true, outer: o.OuterLeft, own: left, other: right,
			ownName: o.LeftStore, otherName: o.RightStore, value: o.Left, otherValue: o.Right, join: o.Join},
		right: &side[K, R, L, O]{shared: s, outer: o.OuterRight, own: right, other: left,
			ownName: o.RightStore, otherName: o.LeftStore, value: o.Right, otherValue: o.Left, join: o.Join.reversed()},
	}
	j.left.before, j.left.after = o.Windows.seenFrom(true)
	j.right.before, j.right.after = o.Windows.seenFrom(false)
	return j
}

// Left takes a record of the left stream.
func (j *Streams[K, L, R, O]) Left(r *node.Record[K, L]) error { return j.left.process(r) }

// Right takes a record of the right stream.
func (j *Streams[K, L, R, O]) Right(r *node.Record[K, R]) error { return j.right.process(r) }

// shared is what both sides of a join have.
type shared[K, O any] struct {
	tracker
	ctx     Context
	key     Serde[K]
	windows Windows
	waiting *waiting // nil when records that have met no other are left out
	next    node.Handler[K, O]
	out     node.Record[K, O]
}

// forward passes a result on. The node below may change the record.
func (s *shared[K, O]) forward(key K, nullKey bool, value O, at int64, headers []topology.Header) error {
	s.out = node.Record[K, O]{Key: key, Value: value, NullKey: nullKey,
		Timestamp: millis(at), Headers: headers[:len(headers):len(headers)]}
	return s.next(&s.out)
}

// begin finds out the times as of the last commit, once: those of the stores, and the one
// of the first record that waits.
func (s *shared[K, O]) begin(one, other *kinds.WindowStore) error {
	if s.begun {
		return nil
	}
	s.moment = moment{stream: max(noTime, one.Time(), other.Time()), earliest: never, first: never}
	if s.waiting != nil {
		at, err := s.waiting.earliest()
		if err != nil {
			return err
		}
		s.waits(at)
	}
	s.begun, s.committed = true, s.moment
	return nil
}

// open reports whether a record may still come that joins the one of k.
func (s *shared[K, O]) open(k format.JoinKey) bool {
	_, after := s.windows.seenFrom(k.Left)
	return k.Timestamp+after+s.windows.Grace >= s.stream
}
