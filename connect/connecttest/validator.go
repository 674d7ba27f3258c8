package connecttest

import (
	"fmt"
	"slices"
	"sync"

	"github.com/suiro/suiro/connect"
)

// Validator checks the promises of a sink by what the sink has done. Tell it about
// every record that the outside system got, in that order, and about every commit
// when it is made. It is safe for concurrent use.
type Validator struct {
	// ExactlyOnce makes a record that arrives twice a violation.
	ExactlyOnce bool

	mu        sync.Mutex // guards the rest
	seen      map[connect.TopicPartition]map[int64]int
	next      map[connect.TopicPartition]int64
	committed connect.Offsets
	violated  []string
}

// NewValidator returns a Validator that has seen nothing.
func NewValidator() *Validator {
	return &Validator{seen: map[connect.TopicPartition]map[int64]int{},
		next: map[connect.TopicPartition]int64{}, committed: connect.Offsets{}}
}

// Delivered reports to the Validator that a record arrived or became a dead letter.
// A record may arrive again, but it must not arrive for the first time after one
// with a higher offset.
func (v *Validator) Delivered(p connect.TopicPartition, offset int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.seen[p] == nil {
		v.seen[p] = map[int64]int{}
	}
	v.seen[p][offset]++
	if v.ExactlyOnce && v.seen[p][offset] > 1 {
		v.violate("%v offset %d arrived %d times", p, offset, v.seen[p][offset])
	}
	if v.seen[p][offset] == 1 && offset < v.next[p] {
		v.violate("%v offset %d arrived first after offset %d", p, offset, v.next[p]-1)
	}
	v.next[p] = max(v.next[p], offset+1)
}

// Committed reports to the Validator that offsets were committed. Every record
// below them, from offset 0 on, must have been delivered before.
func (v *Validator) Committed(offsets connect.Offsets) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for p, offset := range offsets {
		if offset < v.committed[p] {
			v.violate("%v was committed backwards from %d to %d", p, v.committed[p], offset)
		}
		for o := v.committed[p]; o < offset; o++ {
			if v.seen[p][o] == 0 {
				v.violate("%v was committed to %d while offset %d had not arrived", p, offset, o)
			}
		}
		v.committed[p] = max(v.committed[p], offset)
	}
}

// Finish checks that all records of each partition from offset 0 to end, which is
// exclusive, arrived. It returns every violation since the beginning.
func (v *Validator) Finish(end connect.Offsets) []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	for p, n := range end {
		for o := range n {
			if v.seen[p][o] == 0 {
				v.violate("%v offset %d never arrived", p, o)
			}
		}
	}
	out := slices.Clone(v.violated)
	slices.Sort(out)
	return out
}

func (v *Validator) violate(format string, args ...any) {
	v.violated = append(v.violated, fmt.Sprintf(format, args...))
}
