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
	// Get reads the left table.
	Get Getter[K, V]
	// Emit writes to the topic of subscriptions.
	Emit Emit

	owed  []owing[K] // by the order in which they came
	known map[string]bool
}

// owing is a row that is asked for once more.
type owing[K any] struct {
	key     K
	primary []byte // the bytes of key
	headers []topology.Header
}

// Owe notes that the row of a key is to be asked for once more, at the end of the epoch: what the
// table has of it by now may not have been sent yet.
func (s *Subscriber[K, V, F]) Owe(key K, primary []byte, headers []topology.Header) {
	if s.known[string(primary)] {
		return
	}
	if s.known == nil {
		s.known = map[string]bool{}
	}
	s.known[string(primary)] = true
	s.owed = append(s.owed, owing[K]{key, primary, headers})
}

// Commit asks for the rows that [Subscriber.Owe] has noted. All are answered, also those that are
// gone or refer to nothing. It is called at the end of an epoch, when the changes of the left table
// have been sent.
func (s *Subscriber[K, V, F]) Commit() error {
	defer s.Abort()
	for _, o := range s.owed {
		if err := forward(s.Context, topology.Update{Key: o.primary}, func() error { return s.again(o) }); err != nil {
			return err
		}
	}
	return nil
}

// Abort forgets what [Subscriber.Owe] has noted.
func (s *Subscriber[K, V, F]) Abort() { s.owed, s.known = nil, nil }

func (s *Subscriber[K, V, F]) again(o owing[K]) error {
	row, err := s.Get(o.key)
	if err != nil {
		return err
	}
	c := &subscribing{at: row.Timestamp, headers: o.headers, has: row.Found, emit: s.Emit}
	if err := s.describe(c, o.key, row.Value); err != nil {
		return err
	}
	return c.send(c.now, format.PropagateNullIfNoFKValAvailable)
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
	if err := s.describe(c, r.Key, r.Value.New); err != nil {
		return err
	}
	if c.had {
		if c.before, err = s.foreign(r.Key, r.Value.Old); err != nil {
			return err
		}
	}
	if s.Left {
		return c.left()
	}
	return c.inner()
}

// describe notes who asks: the task and the key of a row and, unless it is gone, its hash and
// foreign key.
func (s *Subscriber[K, V, F]) describe(c *subscribing, key K, row V) (err error) {
	c.r.Version, c.r.Partition = 1, s.Context.Task().Partition
	if c.r.PrimaryKey, err = encode(s.Key, key, "key"); err != nil || !c.has {
		return err
	}
	value, err := encode(s.Value, row, "value")
	if err != nil {
		return err
	}
	hash := format.HashOf(value)
	c.r.Hash = &hash
	c.now, err = s.foreign(key, row)
	return err
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
