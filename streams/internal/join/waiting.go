package join

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
)

// waiting is the store of records that have not met one of the other side yet: a list of
// values for each timestamp, side and key. In this order it is walked.
type waiting struct {
	store *kinds.KeyValueStore
	name  string
	buf   []byte
}

func (w *waiting) key(k format.JoinKey) []byte {
	w.buf = k.Append(w.buf[:0])
	return w.buf
}

// add adds a value to those of a key.
func (w *waiting) add(k format.JoinKey, value []byte) error {
	key := w.key(k)
	values, err := w.list(key)
	if err != nil {
		return err
	}
	values = append(values, format.JoinValue{Left: k.Left, Value: value}.Append(nil))
	w.store.Put(key, format.AppendList(nil, values...))
	return nil
}

func (w *waiting) list(key []byte) ([][]byte, error) {
	data, err := w.store.Get(key)
	if err != nil {
		return nil, fmt.Errorf("read store %s: %w", w.name, err)
	}
	if data == nil {
		return nil, nil
	}
	values, err := format.ParseList(data)
	if err != nil {
		return nil, fmt.Errorf("read store %s: %w", w.name, err)
	}
	return values, nil
}

// remove removes all values of a key, if there are any.
func (w *waiting) remove(k format.JoinKey) error {
	key := w.key(k)
	data, err := w.store.Get(key)
	if err != nil {
		return fmt.Errorf("read store %s: %w", w.name, err)
	}
	if data != nil {
		w.store.Delete(key)
	}
	return nil
}

// earliest returns the timestamp of the first record, [never] when there is none.
func (w *waiting) earliest() (at int64, err error) {
	at = never
	err = w.walk(0, func(e waiter) (bool, error) {
		at = e.key.Timestamp
		return false, nil
	})
	return at, err
}

// waiter is the records of one timestamp, side and key that wait.
type waiter struct {
	key    format.JoinKey
	values [][]byte
}

// walk calls each with what waits since a time, in order, until it returns false. What each
// changes in the store is not seen. The DB keeps the places of what was removed for a
// while, so that a walk from the beginning would be a long one.
func (w *waiting) walk(from int64, each func(waiter) (bool, error)) error {
	it, err := w.store.Range(binary.BigEndian.AppendUint64(nil, uint64(from)), nil, false)
	if err != nil {
		return fmt.Errorf("read store %s: %w", w.name, err)
	}
	more := true
	for more && err == nil && it.Next() {
		var e waiter
		if e, err = parseWaiter(it); err != nil {
			err = fmt.Errorf("read store %s: %w", w.name, err)
			break
		}
		more, err = each(e)
	}
	return errors.Join(err, it.Err(), it.Close())
}

func parseWaiter(it stores.Iterator) (e waiter, err error) {
	if e.key, err = format.ParseJoinKey(bytes.Clone(it.Key())); err != nil {
		return e, err
	}
	list, err := format.ParseList(append([]byte{}, it.Value()...))
	if err != nil {
		return e, err
	}
	for _, data := range list {
		v, err := format.ParseJoinValue(data)
		if err != nil {
			return e, err
		}
		if v.Left != e.key.Left {
			return e, fmt.Errorf("the value and the key of a waiting record are of two sides: %w", format.ErrDamaged)
		}
		e.values = append(e.values, v.Value)
	}
	return e, nil
}
