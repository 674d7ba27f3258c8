package join

import (
	"bytes"

	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// A join of tables by a foreign key has two halves (KIP-213). The left one, where the left
// table is, tells the right one through a topic which right row each left row refers to:
// a subscription. The right one answers through another topic with the right row, now and
// whenever it changes. An answer carries the hash of the left row that was asked for: the
// left half leaves out answers to a row that has changed since.

// Emit sends bytes to a topic of the join; the partition -1 stands for that of the key.
type Emit func(key, value []byte, partition int32, at int64, headers []topology.Header) error

// unknown is the partition that the key decides.
const unknown = -1

// Subscriber sends the subscriptions of the left table. F are the foreign keys.
type Subscriber[K, V, F any] struct {
	// Context is the task.
	Context Context
	// Left keeps rows that refer to nothing. Default: they are left out.
	Left bool
	// Foreign returns the foreign key of a row; nil is none.
	Foreign func(K, V) (*F, error)
	// Key, Value and ForeignKey write the parts of subscriptions.
	Key        Serde[K]
	Value      Serde[V]
	ForeignKey Serde[F]
	// Versioned leaves out changes that a later one has overtaken.
	Versioned bool
	// Emit writes to the topic of subscriptions.
	Emit Emit
}

// subscribing is a change of a row in the making of subscriptions.
type subscribing struct {
	r           format.Subscription
	at          int64
	headers     []topology.Header
	before, now []byte // foreign keys, nil for none
	had, has    bool   // whether there were and are values
	emit        Emit
	counted     func()
}

// Process takes a change of the left table.
func (s *Subscriber[K, V, F]) Process(r *node.Record[K, node.Change[V]]) (err error) {
	if s.Versioned && r.Value.Stale {
		s.Context.Drop()
		return nil
	}
	c := &subscribing{at: r.Timestamp.UnixMilli(), headers: r.Headers, had: r.Value.HasOld, has: r.Value.HasNew,
		emit: s.Emit, counted: s.Context.Drop}
	c.r.Version, c.r.Partition = 1, s.Context.Task().Partition
	if c.r.PrimaryKey, err = encode(s.Key, r.Key, "key"); err != nil {
		return err
	}
	if c.had {
		if c.before, err = s.foreign(r.Key, r.Value.Old); err != nil {
			return err
		}
	}
	if c.has {
		value, err := encode(s.Value, r.Value.New, "value")
		if err != nil {
			return err
		}
		hash := format.HashOf(value)
		c.r.Hash = &hash
		if c.now, err = s.foreign(r.Key, r.Value.New); err != nil {
			return err
		}
	}
	if s.Left {
		return c.left()
	}
	return c.inner()
}

// foreign returns the bytes of the foreign key of a row, nil for none.
func (s *Subscriber[K, V, F]) foreign(key K, value V) ([]byte, error) {
	f, err := s.Foreign(key, value)
	if err != nil || f == nil || node.IsNil(*f) {
		return nil, err
	}
	return encode(s.ForeignKey, *f, "foreign key")
}

func (c *subscribing) send(foreign []byte, what format.Instruction) error {
	c.r.Instruction = what
	return c.emit(foreign, c.r.Append(nil), unknown, c.at, c.headers)
}

// left makes the subscriptions of a left join: every change is to be answered.
func (c *subscribing) left() error {
	if !c.had && !c.has {
		return nil
	}
	if c.before != nil && !c.same() {
		if err := c.send(c.before, format.DeleteKeyNoPropagate); err != nil {
			return err
		}
	}
	return c.send(c.now, format.PropagateNullIfNoFKValAvailable)
}

// inner makes the subscriptions of an inner join.
func (c *subscribing) inner() error {
	if c.has && c.now == nil {
		c.counted()
	}
	switch {
	case c.now == nil && c.before == nil:
		return nil
	case c.now == nil:
		return c.send(c.before, format.DeleteKeyAndPropagate)
	case c.before == nil || c.same():
		return c.send(c.now, format.PropagateOnlyIfFKValAvailable)
	}
	if err := c.send(c.before, format.DeleteKeyNoPropagate); err != nil {
		return err
	}
	return c.send(c.now, format.PropagateNullIfNoFKValAvailable)
}

// same reports whether the row refers to what it referred to before.
func (c *subscribing) same() bool { return c.now != nil && bytes.Equal(c.before, c.now) }
