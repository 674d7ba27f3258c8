package window

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// update is what has changed of one window.
type update[K, A any] struct {
	slot      string // of the key and the window in the store
	key       node.Windowed[K]
	before    []byte // what the store had, without timestamp; nil is nothing
	old       []byte // what an update without a cache says it had
	value     []byte // what it has; nil is nothing
	timestamp int64
	headers   []topology.Header
}

// Output is a store with windows, and where its updates go.
type Output[K, A any] struct {
	// Store is the name of the store.
	Store string
	// Key is the Serde of keys in the store, Aggregate that of aggregates.
	Key       Serde[K]
	Aggregate Serde[A]
	// Cached forwards each window once at the end of an epoch, instead of each update.
	Cached bool
	// SendOld forwards the value before an update, too.
	SendOld bool
	// OnClose forwards windows only, and once, when they have closed.
	OnClose bool
	// Slack is how far the time of a node may pass the close of a window before the window
	// must be forwarded, in milliseconds: later the store may have forgotten it.
	Slack int64
	// Next takes what is forwarded.
	Next node.Handler[node.Windowed[K], node.Change[A]]
}

// Updates passes on what has changed in a store: at once, or at the end of an epoch.
// Values are kept as bytes, because functions may change an aggregate in place.
type Updates[K, A any] struct {
	o       Output[K, A]
	ctx     Context
	pending map[string]*held[K, A]
	touches int
	closed  []held[K, A] // windows that have closed
}

// held is an update that waits for the end of the epoch.
type held[K, A any] struct {
	update[K, A]
	touch  int // when it was touched last
	offset int64
	size   int64
}

// heldOverhead is the estimate of what an update takes in addition to its bytes.
const heldOverhead = 300

// NewUpdates returns those of one task. The nodes below were made before.
func NewUpdates[K, A any](ctx Context, o Output[K, A]) *Updates[K, A] {
	u := &Updates[K, A]{o: o, ctx: ctx, pending: map[string]*held[K, A]{}}
	if o.Cached || o.OnClose {
		ctx.OnCommit(u.commit, u.abort)
	}
	return u
}

// say passes an update on, now or later.
func (u *Updates[K, A]) say(up update[K, A]) error {
	switch {
	case u.o.OnClose:
		return nil
	case u.o.Cached:
		u.hold(up)
		return nil
	}
	return u.forward(&up, up.old)
}

func (u *Updates[K, A]) hold(up update[K, A]) {
	u.touches++
	h := u.pending[up.slot]
	if h == nil {
		h = &held[K, A]{update: up}
		u.pending[up.slot] = h
		h.key.Key = owned(h.key.Key)
	}
	h.value, h.timestamp, h.headers = up.value, up.timestamp, slices.Clone(up.headers)
	h.touch, h.offset = u.touches, u.ctx.Position().Offset
	size := int64(len(h.slot)+len(h.before)+len(h.value)) + heldOverhead
	u.ctx.Grow(size - h.size)
	h.size = size
}

// commit passes on what has changed, in the order of the last change of each window. What
// came and went in the epoch was never there.
func (u *Updates[K, A]) commit() error {
	all := make([]*held[K, A], 0, len(u.pending))
	for _, h := range u.pending {
		if h.value != nil || h.before != nil {
			all = append(all, h)
		}
	}
	slices.SortFunc(all, func(a, b *held[K, A]) int { return a.touch - b.touch })
	for i := range u.closed {
		all = append(all, &u.closed[i])
	}
	u.abort()
	for _, h := range all {
		err := node.Forward(u.ctx, func() topology.Update {
			return topology.Update{Store: u.o.Store, Key: []byte(h.slot), Value: h.value, Timestamp: atMilli(h.timestamp),
				Offset: h.offset}
		}, func() error { return u.forward(&h.update, h.before) })
		if err != nil {
			return err
		}
	}
	return nil
}

// final takes a window that has closed. It is forwarded at the end of the epoch: if the
// record in process were rejected later, what was forwarded with it would be lost, and
// nothing would bring it again.
func (u *Updates[K, A]) final(up update[K, A]) {
	up.headers = slices.Clone(up.headers)
	u.closed = append(u.closed, held[K, A]{update: up, offset: u.ctx.Position().Offset})
	u.ctx.Grow(int64(len(up.slot)+len(up.value)) + heldOverhead)
}

func (u *Updates[K, A]) abort() {
	clear(u.pending)
	u.touches, u.closed = 0, nil
}

func (u *Updates[K, A]) forward(up *update[K, A], old []byte) error {
	c := node.Change[A]{HasNew: up.value != nil, HasOld: u.o.SendOld && old != nil}
	var err error
	if c.HasNew {
		if c.New, err = u.decode(up.value); err != nil {
			return err
		}
	}
	if c.HasOld {
		if c.Old, err = u.decode(old); err != nil {
			return err
		}
	}
	return u.o.Next(&node.Record[node.Windowed[K], node.Change[A]]{Key: up.key, Value: c, Timestamp: atMilli(up.timestamp),
		Headers: up.headers})
}

// decode reads an aggregate. That one cannot be read is no record's fault: the store is
// damaged, or the app's code has changed.
func (u *Updates[K, A]) decode(data []byte) (A, error) {
	v, err := u.o.Aggregate.Deserialize(data)
	if err != nil {
		return v, fmt.Errorf("decode an aggregate of store %s: %w", u.o.Store, err)
	}
	return v, nil
}

// maybe reads an aggregate that may not be there.
func (u *Updates[K, A]) maybe(data []byte) (Maybe[A], error) {
	if data == nil {
		return Maybe[A]{}, nil
	}
	v, err := u.decode(data)
	return Maybe[A]{v, true}, err
}

// encode returns the bytes of an aggregate, nil for none, or a [topology.Rejection] when
// it cannot be written.
func (u *Updates[K, A]) encode(key []byte, a Maybe[A]) ([]byte, error) {
	if !a.OK {
		return nil, nil
	}
	data, err := u.o.Aggregate.Serialize(a.Value)
	if err != nil {
		return nil, &topology.Rejection{Stage: topology.Processing, Err: fmt.Errorf(
			"encode the aggregate of key %.64q for store %s: %w", key, u.o.Store, err)}
	}
	if data == nil {
		data = []byte{}
	}
	return data, u.ctx.Fits(u.o.Store, key, data)
}

// keyOf returns the bytes of a record's key.
func (u *Updates[K, A]) keyOf(key K) ([]byte, error) {
	raw, err := u.o.Key.Serialize(key)
	if err != nil {
		return nil, &topology.Rejection{Stage: topology.Processing, Err: fmt.Errorf("key: %w", err)}
	}
	return raw, nil
}

// windowed is a key in a window.
func windowed[K any](key K, start, end int64) node.Windowed[K] {
	return node.Windowed[K]{Key: key, Start: atMilli(start), End: atMilli(end)}
}

// owned returns a key that may be kept: bytes refer to the batch that they came in, which
// is far larger.
func owned[K any](key K) K {
	if b, ok := any(key).([]byte); ok {
		return any(bytes.Clone(b)).(K)
	}
	return key
}

// initial returns the bytes of where an aggregate begins, which Kafka Streams says as the
// value before the first one. Nobody asks for it with a cache.
func (u *Updates[K, A]) initial(key []byte, a Maybe[A]) ([]byte, error) {
	if !u.o.SendOld || u.o.Cached || u.o.OnClose {
		return nil, nil
	}
	return u.encode(key, a)
}
