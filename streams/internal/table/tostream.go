package table

import "github.com/suiro/suiro/streams/internal/node"

// ToStream passes the new values of changes to next.
func ToStream[K, V any](next node.Handler[K, V]) node.Handler[K, node.Change[V]] {
	var out, none node.Record[K, V]
	none.NullValue = !node.IsNil(none.Value)
	return func(r *node.Record[K, node.Change[V]]) error {
		out.Key, out.NullKey, out.Timestamp, out.Headers = r.Key, r.NullKey, r.Timestamp, r.Headers
		if r.Value.HasNew {
			out.Value, out.NullValue = r.Value.New, false
		} else {
			out.Value, out.NullValue = none.Value, none.NullValue
		}
		return next(&out)
	}
}
