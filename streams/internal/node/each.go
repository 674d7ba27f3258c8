package node

import (
	"slices"

	"github.com/suiro/suiro/streams/topology"
)

// Each returns a handler that gives each of several handlers a copy of the record.
func Each[K, V any](handlers []Handler[K, V]) Handler[K, V] {
	last := len(handlers) - 1
	var copied Record[K, V]
	var headers []topology.Header
	return func(r *Record[K, V]) error {
		for _, h := range handlers[:last] {
			copied = *r
			headers = append(headers[:0], r.Headers...)
			copied.Headers = slices.Clip(headers)
			if err := h(&copied); err != nil {
				return err
			}
		}
		return handlers[last](r)
	}
}
