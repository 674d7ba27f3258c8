package acks_test

import (
	"sync"
	"testing"

	"github.com/suiro/suiro/connect/internal/acks"
)

// form is one way to follow records: add returns what settle takes, and first
// is where the first unsettled record is, -1 when there is none.
type form[T any] interface {
	add(offset int64) T
	settle(T)
	first() int64
}

// BenchmarkForms adds batches of a bulk request's size and settles them while
// others are under way, in the forms that were tried for this package:
//
//	go test -bench Forms ./connect/internal/acks
func BenchmarkForms(b *testing.B) {
	b.Run("blocks", func(b *testing.B) { measure(b, &blocks{}) })
	b.Run("list", func(b *testing.B) { measure(b, &list{}) })
	b.Run("bits", func(b *testing.B) { measure(b, &bits{}) })
}

func measure[T any](b *testing.B, f form[T]) {
	b.ReportAllocs()
	const batch, inFlight = 2000, 5
	var kept [inFlight][batch]T
	var wg sync.WaitGroup
	offset := int64(0)
	for b.Loop() {
		for n := range inFlight {
			for i := range kept[n] {
				kept[n][i] = f.add(offset)
				offset++
			}
			wg.Go(func() {
				for _, e := range kept[n] {
					f.settle(e)
				}
			})
		}
		wg.Wait()
		if f.first() >= 0 {
			b.Fatal("records are left")
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(offset), "ns/record")
}

// blocks is the form of this package.
type blocks struct{ t acks.Tracker[int64] }

func (f *blocks) add(offset int64) *acks.Entry[int64] { return f.t.Add(offset) }

func (f *blocks) settle(e *acks.Entry[int64]) { e.Ack() }

func (f *blocks) first() int64 {
	if p, ok := f.t.First(); ok {
		return p
	}
	return -1
}

// list is a linked list with a mutex.
type list struct {
	mu          sync.Mutex
	front, back *node
}

type node struct {
	offset  int64
	settled bool
	next    *node
}

func (f *list) add(offset int64) *node {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := &node{offset: offset}
	if f.back == nil {
		f.front = n
	} else {
		f.back.next = n
	}
	f.back = n
	return n
}

func (f *list) settle(n *node) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n.settled = true
}

func (f *list) first() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.front != nil && f.front.settled {
		f.front = f.front.next
	}
	if f.front == nil {
		f.back = nil
		return -1
	}
	return f.front.offset
}

// bits is a queue of offsets with a flag in the lowest bit, and a mutex.
type bits struct {
	mu    sync.Mutex
	queue []int64
	start int64 // number of the first record in the queue
}

func (f *bits) add(offset int64) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queue = append(f.queue, offset<<1)
	return f.start + int64(len(f.queue)) - 1
}

func (f *bits) settle(at int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queue[at-f.start] |= 1
	n := 0
	for n < len(f.queue) && f.queue[n]&1 == 1 {
		n++
	}
	f.queue, f.start = f.queue[n:], f.start+int64(n)
}

func (f *bits) first() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.queue) == 0 {
		return -1
	}
	return f.queue[0] >> 1
}
