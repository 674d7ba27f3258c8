// Package stateless is the nodes that keep nothing: what each does with a record is in the record
// alone. A handler that makes records reuses one, as those below may keep none.
package stateless

import (
	"fmt"
	"io"
	"sync"

	"github.com/suiro/suiro/streams/internal/node"
)

// Filter passes the records on for which keep returns true.
func Filter[K, V any](keep func(K, V) bool, next node.Handler[K, V]) node.Handler[K, V] {
	return func(r *node.Record[K, V]) error {
		if !keep(r.Key, r.Value) {
			return nil
		}
		return next(r)
	}
}

// Keyed passes records with a key on.
func Keyed[K, V any](next node.Handler[K, V]) node.Handler[K, V] {
	return func(r *node.Record[K, V]) error {
		if r.KeyIsNull() {
			return nil
		}
		return next(r)
	}
}

// Peek calls see with each record and passes it on.
func Peek[K, V any](see func(K, V), next node.Handler[K, V]) node.Handler[K, V] {
	return func(r *node.Record[K, V]) error {
		see(r.Key, r.Value)
		return next(r)
	}
}

// Branch gives each record to the first of next whose test it passes, or else to rest.
func Branch[K, V any](tests []func(K, V) bool, next []node.Handler[K, V], rest node.Handler[K, V]) node.Handler[K, V] {
	return func(r *node.Record[K, V]) error {
		for i, test := range tests {
			if test(r.Key, r.Value) {
				return next[i](r)
			}
		}
		return rest(r)
	}
}

// Print returns what writes records as lines "[node]: key, value". Tasks take turns.
func Print[K, V any](w io.Writer) func(node string, r *node.Record[K, V]) error {
	var mu sync.Mutex
	return func(name string, r *node.Record[K, V]) error {
		mu.Lock()
		defer mu.Unlock()
		if _, err := fmt.Fprintf(w, "[%s]: %v, %v\n", name, r.Key, r.Value); err != nil {
			return fmt.Errorf("print a record of node %s: %w", name, err)
		}
		return nil
	}
}
