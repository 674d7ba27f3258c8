package sinkkit

import (
	"sync"

	"github.com/suiro/suiro/connect"
)

// Flow stops and resumes the delivery of partitions. [connect.SinkContext] is
// one.
type Flow interface {
	// Pause stops delivery of partitions until Resume.
	Pause(partitions ...connect.TopicPartition)
	// Resume undoes Pause.
	Resume(partitions ...connect.TopicPartition)
}

// Load is how much a sink task holds of records that are not written yet.
type Load struct {
	// Records is their number.
	Records int64
	// Bytes is about what they take in memory. What is taken and what is
	// released must be the same; how it is measured is the sink's business.
	Bytes int64
}

// Budget bounds what a sink task holds. When a limit is reached it pauses the
// task's partitions, and when at most half of each limit is used it resumes
// them: a slow outside system pushes back on Kafka and memory stays bounded.
// What one call of Put brings may exceed a limit, because records that were put
// cannot be given back.
//
// A sink has reasons of its own to pause a partition, for instance while it is
// recovered. It uses Hold and Unhold for that instead of the context's Pause
// and Resume, so that one reason does not undo the other:
//
//	         Take reaches a limit, or Hold
//	flowing ──────────────────────────────▶ paused
//	        ◀──────────────────────────────
//	         Release down to half and no Hold left
//
// Its methods may be called from any goroutine, but not from within a Flow.
type Budget struct {
	flow  Flow
	limit Load

	mu     sync.Mutex // guards the rest, and keeps the calls of flow in order
	used   Load
	full   bool
	pauses int64
	held   map[connect.TopicPartition]bool // open partitions, true while held
}

// NewBudget returns a budget that is not used yet. A limit of 0 means that it
// is not bounded.
func NewBudget(flow Flow, limit Load) *Budget {
	return &Budget{flow: flow, limit: limit, held: map[connect.TopicPartition]bool{}}
}

// Open adds partitions. They are paused at once when the budget is used up.
func (b *Budget) Open(partitions ...connect.TopicPartition) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range partitions {
		b.held[p] = false
	}
	if b.full && len(partitions) > 0 {
		b.flow.Pause(partitions...)
	}
}

// Close forgets partitions, paused or not. The sink releases what it holds of
// their records.
func (b *Budget) Close(partitions ...connect.TopicPartition) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range partitions {
		delete(b.held, p)
	}
}

// Take adds n to what is held and pauses all partitions when a limit is
// reached.
func (b *Budget) Take(n Load) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used.Records += n.Records
	b.used.Bytes += n.Bytes
	if b.full || !reached(b.used.Records, b.limit.Records) && !reached(b.used.Bytes, b.limit.Bytes) {
		return
	}
	b.full = true
	b.pauses++
	if list := b.flowing(); len(list) > 0 {
		b.flow.Pause(list...)
	}
}

// Release takes n off what is held, and resumes the partitions that the budget
// paused when at most half of each limit is used.
func (b *Budget) Release(n Load) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used.Records -= n.Records
	b.used.Bytes -= n.Bytes
	if !b.full || aboveHalf(b.used.Records, b.limit.Records) || aboveHalf(b.used.Bytes, b.limit.Bytes) {
		return
	}
	b.full = false
	if list := b.flowing(); len(list) > 0 {
		b.flow.Resume(list...)
	}
}

// reached reports whether n is at least a limit that is set.
func reached(n, limit int64) bool { return limit > 0 && n >= limit }

// aboveHalf reports whether n is above half of a limit that is set.
func aboveHalf(n, limit int64) bool { return limit > 0 && n > limit/2 }

// flowing lists the partitions that are not held; mu is held.
func (b *Budget) flowing() []connect.TopicPartition {
	var list []connect.TopicPartition
	for p, held := range b.held {
		if !held {
			list = append(list, p)
		}
	}
	return list
}

// Hold pauses an open partition until Unhold, whatever is used. It does
// nothing for one that is held or not open.
func (b *Budget) Hold(p connect.TopicPartition) { b.hold(p, true) }

// Unhold undoes Hold. The partition stays paused while the budget is used up.
func (b *Budget) Unhold(p connect.TopicPartition) { b.hold(p, false) }

func (b *Budget) hold(p connect.TopicPartition, hold bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if held, open := b.held[p]; !open || held == hold {
		return
	}
	b.held[p] = hold
	switch {
	case b.full:
	case hold:
		b.flow.Pause(p)
	default:
		b.flow.Resume(p)
	}
}

// Full reports whether a limit was reached and more than half of one is still
// used. Nothing more comes then, so a sink that waits for more records before it
// writes should wait no longer.
func (b *Budget) Full() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.full
}

// Used returns what is held now.
func (b *Budget) Used() Load {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used
}

// Pauses returns how often a limit was reached.
func (b *Budget) Pauses() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.pauses
}
