package node

import (
	"slices"

	"github.com/suiro/suiro/streams/topology"
)

// Member is a stream of a [Shared] source in one task.
type Member struct {
	// Read decodes a record.
	Read func(r *topology.Record) error
	// Child makes one of them: it returns what gives it the record that was read.
	Child func(ctx topology.Context, i int) func() error
}

// Shared is a source that several streams read from, each with its own Serdes. The nodes
// below them get a record in the order in which they were added, whatever their stream is, as
// in Kafka Streams, where there is one stream.
type Shared struct {
	// Name is the name of the node.
	Name string
	// Reset is where it begins without an offset.
	Reset string
	// One makes the handler of a task when there is only one stream.
	One func(topology.Context) topology.Handler

	members []func() Member
	order   []int // the streams of the nodes below
}

// Add adds a stream and returns its number.
func (s *Shared) Add(member func() Member) (number int) {
	s.members = append(s.members, member)
	return len(s.members) - 1
}

// Child notes that a node was added below a stream. A nil Shared has no order.
func (s *Shared) Child(number int) {
	if s != nil {
		s.order = append(s.order, number)
	}
}

// place is a node below one of the streams.
type place struct{ member, child int }

// places are the nodes below in their order.
func (s *Shared) places(members []Member) (all []place) {
	next := make([]int, len(members))
	for _, m := range s.order {
		all = append(all, place{m, next[m]})
		next[m]++
	}
	return all
}

// New returns the handler of one task. The last nodes are made first, as they must be.
func (s *Shared) New(ctx topology.Context) topology.Handler {
	if len(s.members) == 1 {
		return s.One(ctx)
	}
	var members []Member
	for _, m := range s.members {
		members = append(members, m())
	}
	places := s.places(members)
	children := make([]func() error, len(places))
	for i, p := range slices.Backward(places) {
		children[i] = members[p.member].Child(ctx, p.child)
	}
	return func(r *topology.Record) error {
		for _, m := range members {
			if err := m.Read(r); err != nil {
				return err
			}
		}
		for _, child := range children {
			if err := child(); err != nil {
				return err
			}
		}
		return nil
	}
}
