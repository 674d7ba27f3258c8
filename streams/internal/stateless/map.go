package stateless

import "github.com/suiro/suiro/streams/internal/node"

// Map replaces the key and value of each record.
func Map[K, V, K2, V2 any](f func(K, V) (K2, V2, error), next node.Handler[K2, V2]) node.Handler[K, V] {
	var out node.Record[K2, V2]
	return func(r *node.Record[K, V]) (err error) {
		if out.Key, out.Value, err = f(r.Key, r.Value); err != nil {
			return err
		}
		out.NullKey, out.NullValue = false, false
		out.Timestamp, out.Headers = r.Timestamp, r.Headers
		return next(&out)
	}
}

// MapValues replaces each value.
func MapValues[K, V, V2 any](f func(K, V) (V2, error), next node.Handler[K, V2]) node.Handler[K, V] {
	var out node.Record[K, V2]
	return func(r *node.Record[K, V]) (err error) {
		if out.Value, err = f(r.Key, r.Value); err != nil {
			return err
		}
		out.Key, out.NullKey, out.NullValue = r.Key, r.NullKey, false
		out.Timestamp, out.Headers = r.Timestamp, r.Headers
		return next(&out)
	}
}

// SelectKey replaces each key.
func SelectKey[K, V, K2 any](f func(K, V) (K2, error), next node.Handler[K2, V]) node.Handler[K, V] {
	var out node.Record[K2, V]
	return func(r *node.Record[K, V]) (err error) {
		if out.Key, err = f(r.Key, r.Value); err != nil {
			return err
		}
		out.Value, out.NullKey, out.NullValue = r.Value, false, r.NullValue
		out.Timestamp, out.Headers = r.Timestamp, r.Headers
		return next(&out)
	}
}

// FlatMap calls f with each record; f emits any number of records.
func FlatMap[K, V, K2, V2 any](f func(K, V, func(K2, V2) error) error, next node.Handler[K2, V2]) node.Handler[K, V] {
	var from, out node.Record[K2, V2]
	emit := func(key K2, value V2) error {
		from.Key, from.Value = key, value
		out = from // a node below may have changed the last one
		return next(&out)
	}
	return func(r *node.Record[K, V]) error {
		from.Timestamp, from.Headers = r.Timestamp, r.Headers
		return f(r.Key, r.Value, emit)
	}
}

// FlatMapValues calls f with each record; f emits any number of values for the key.
func FlatMapValues[K, V, V2 any](f func(K, V, func(V2) error) error, next node.Handler[K, V2]) node.Handler[K, V] {
	var from, out node.Record[K, V2]
	emit := func(value V2) error {
		from.Value = value
		out = from // a node below may have changed the last one
		return next(&out)
	}
	return func(r *node.Record[K, V]) error {
		from.Key, from.NullKey, from.Timestamp, from.Headers = r.Key, r.NullKey, r.Timestamp, r.Headers
		return f(r.Key, r.Value, emit)
	}
}
