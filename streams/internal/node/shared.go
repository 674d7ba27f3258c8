package node

import (
	"slices"

	"github.com/suiro/suiro/streams/topology"
)

// Shared is a source that several streams read from, each with its own Serdes.
type Shared struct {
	// Name is the name of the node.
	Name string
	// Reset is where it begins without an offset.
	Reset string

	makes []func(topology.Context) topology.Handler
}

// Add adds a stream, which make makes for each task.
func (s *Shared) Add(make func(topology.Context) topology.Handler) { s.makes = append(s.makes, make) }

// New returns the handler of one task: it gives the streams each record in the order in which
// they were added. Each of them may change its record. The last ones are made first, as
// nodes must be.
func (s *Shared) New(ctx topology.Context) topology.Handler {
	handlers := make([]topology.Handler, len(s.makes))
	for i, make := range slices.Backward(s.makes) {
		handlers[i] = make(ctx)
	}
	if len(handlers) == 1 {
		return handlers[0]
	}
	return func(r *topology.Record) error {
		for _, h := range handlers {
			one := *r
			one.Headers = slices.Clone(r.Headers)
			if err := h(&one); err != nil {
				return err
			}
		}
		return nil
	}
}
