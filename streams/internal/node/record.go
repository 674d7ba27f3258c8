package node

import (
	"reflect"
	"time"

	"github.com/suiro/suiro/streams/topology"
)

// Record is one record with its decoded key and value. It is valid during the call
// that gets it: the key and value may be kept, the Record may not.
type Record[K, V any] struct {
	// Key is the decoded key; the zero value when it is null.
	Key K
	// Value is the decoded value; the zero value when it is null.
	Value V
	// NullKey says that the key is null although K has no nil, as a number has none.
	// [Record.KeyIsNull] reads it.
	NullKey bool
	// NullValue says that the value is null although V has no nil. [Record.ValueIsNull]
	// reads it.
	NullValue bool
	// Timestamp is the record's event time, in milliseconds.
	Timestamp time.Time
	// Headers are the record's headers. Default: none.
	Headers []topology.Header
}

// KeyIsNull reports whether the key is null.
func (r *Record[K, V]) KeyIsNull() bool { return r.NullKey || IsNil(r.Key) }

// ValueIsNull reports whether the value is null: the record of a table then deletes its
// key.
func (r *Record[K, V]) ValueIsNull() bool { return r.NullValue || IsNil(r.Value) }

// Handler takes the records that come to one node of one task. It may change the record.
type Handler[K, V any] func(*Record[K, V]) error

// IsNil reports whether v is the nil of its type; a type without one has none.
func IsNil[T any](v T) bool {
	switch v := any(v).(type) {
	case nil:
		return true
	case []byte:
		return v == nil
	case string, int64, int32, int, float64, float32, bool, time.Time:
		return false
	}
	switch reflect.TypeFor[T]().Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Interface, reflect.Func, reflect.Chan:
		return isNil(v)
	}
	return false
}

// isNil is IsNil for types that have a nil. It is a function of its own because v is
// allocated here.
func isNil[T any](v T) bool { return reflect.ValueOf(&v).Elem().IsNil() }
