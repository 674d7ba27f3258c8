package join

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// SubscriptionSpec is the store of the subscriptions.
func SubscriptionSpec(name string) kinds.Spec {
	return kinds.Spec{Name: name, Kind: kinds.Timestamped}
}

// Publisher answers subscriptions. F and W are the keys and values of the right table.
type Publisher[F, W any] struct {
	// Context is the task.
	Context Context
	// Store is the name of the store of subscriptions.
	Store string
	// Get reads the right table.
	Get Getter[F, W]
	// Key and Value read and write the right table's rows.
	Key   Serde[F]
	Value Serde[W]
	// Versioned leaves out changes that a later one has overtaken.
	Versioned bool
	// Emit writes to the topic of answers.
	Emit Emit
}

// Subscribe takes a record of the topic of subscriptions.
func (p *Publisher[F, W]) Subscribe(r *topology.Record) error {
	s, err := format.ParseSubscription(r.Value)
	if err != nil {
		return &topology.Rejection{Stage: topology.Deserialization, Err: err}
	}
	if r.Key == nil && s.Instruction != format.PropagateNullIfNoFKValAvailable {
		p.Context.Drop()
		return nil
	}
	var row Row[W]
	if r.Key != nil {
		if row, err = p.keep(r, s); err != nil {
			return err
		}
	}
	if s.Instruction == format.DeleteKeyNoPropagate ||
		s.Instruction == format.PropagateOnlyIfFKValAvailable && !row.Found {
		return nil
	}
	at := r.Timestamp.UnixMilli()
	if row.Found {
		at = max(at, row.Timestamp)
	}
	if s.Instruction == format.DeleteKeyAndPropagate {
		row = Row[W]{}
	}
	value, err := p.encode(row.Value, row.Found)
	if err != nil {
		return err
	}
	return p.answer(s.PrimaryKey, s, value, at, r.Headers)
}

// keep stores or deletes a subscription, and returns the row that it is for.
func (p *Publisher[F, W]) keep(r *topology.Record, s format.Subscription) (row Row[W], err error) {
	store := p.Context.Stores().KeyValue(p.Store)
	key := format.CombinedKey{Foreign: r.Key, Primary: s.PrimaryKey}.Append(nil)
	if s.Instruction == format.DeleteKeyNoPropagate || s.Instruction == format.DeleteKeyAndPropagate {
		store.Delete(key)
	} else {
		store.Put(key, format.AppendTimestamped(nil, r.Timestamp.UnixMilli(), r.Value))
	}
	foreign, err := p.Key.Deserialize(r.Key)
	if err != nil {
		return row, &topology.Rejection{Stage: topology.Deserialization, Err: fmt.Errorf("foreign key: %w", err)}
	}
	return p.Get(foreign)
}

// encode returns the bytes of a row's value, nil for none.
func (p *Publisher[F, W]) encode(value W, has bool) ([]byte, error) {
	if !has {
		return nil, nil
	}
	return encode(p.Value, value, "value")
}

func (p *Publisher[F, W]) answer(primary []byte, s format.Subscription, value []byte, at int64,
	headers []topology.Header) error {
	partition := s.Partition
	if s.Version == 0 {
		partition = unknown
	}
	return p.Emit(primary, format.SubscriptionResponse{Hash: s.Hash, Value: value}.Append(nil), partition, at, headers)
}

// Process takes a change of the right table, and tells all that have subscribed to it.
func (p *Publisher[F, W]) Process(r *node.Record[F, node.Change[W]]) error {
	if r.KeyIsNull() || p.Versioned && r.Value.Stale {
		p.Context.Drop()
		return nil
	}
	key, err := encode(p.Key, r.Key, "key")
	if err != nil {
		return err
	}
	value, err := p.encode(r.Value.New, r.Value.HasNew)
	if err != nil {
		return err
	}
	it, err := p.Context.Stores().KeyValue(p.Store).Prefix(format.AppendCombinedPrefix(nil, key), false)
	if err != nil {
		return fmt.Errorf("read store %s: %w", p.Store, err)
	}
	for err == nil && it.Next() {
		err = p.tell(it, value, r.Timestamp.UnixMilli(), r.Headers)
	}
	return errors.Join(err, it.Err(), it.Close())
}

// tell answers a subscription of the store.
func (p *Publisher[F, W]) tell(it stores.Iterator, value []byte, at int64, headers []topology.Header) error {
	key, err := format.ParseCombinedKey(bytes.Clone(it.Key()))
	if err != nil {
		return fmt.Errorf("read store %s: %w", p.Store, err)
	}
	_, plain, err := format.ParseTimestamped(it.Value())
	if err != nil {
		return fmt.Errorf("read store %s: %w", p.Store, err)
	}
	s, err := format.ParseSubscription(plain)
	if err != nil {
		return fmt.Errorf("read store %s: %w", p.Store, err)
	}
	return p.answer(key.Primary, s, value, at, headers)
}
