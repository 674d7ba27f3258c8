package memory

import (
	"math"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

// Budget is what the process may take. Its methods may be called from any goroutine.
type Budget struct {
	bytes int64 // 0: what is found

	mu    sync.Mutex // guards what the accounts have taken
	held  [len(shares)]int64
	freed [len(shares)]chan struct{} // closed when something is given back; nil: nobody waits
	taken [len(shares)]int64         // since garbage was collected
	vain  [len(shares)]int64         // how often something waited in vain for room

	collecting sync.Mutex // guards what follows
	collect    time.Time  // from when on garbage may be collected again
}

// Limit returns the budget of a process that may take so many bytes. With 0 it is the
// smallest limit that is set for the process from outside: that of its cgroup (v1 and
// v2), three quarters of what its data (ulimit -d) and address space (ulimit -v) may
// grow to, and GOMEMLIMIT. Without any it is a quarter of the machine's memory, as
// Java's heap. It is never less than [Least].
func Limit(bytes int64) *Budget {
	if bytes <= 0 {
		bytes = found()
	}
	return &Budget{bytes: max(bytes, Least)}
}

// Least is the smallest budget: below it the parts of a process do not fit.
const Least = 64 << 20

// Bytes returns how many bytes the process may take.
func (b *Budget) Bytes() int64 {
	if b == nil || b.bytes == 0 {
		return max(found(), Least)
	}
	return b.bytes
}

// LimitRuntime sets the limit of Go's runtime, from which on it collects garbage more
// often, to nine tenths of the budget, or of what ulimit leaves when that is less: the
// rest is for what the runtime does not count, such as the program's code. When
// GOMEMLIMIT is set it stays. The main of a command calls it once, before anything is
// started. It returns the limit that holds.
func (b *Budget) LimitRuntime() int64 {
	if set := debug.SetMemoryLimit(-1); set != math.MaxInt64 {
		return set
	}
	limit := min(b.Bytes(), max(ofProcess(), Least)) / 10 * 9
	debug.SetMemoryLimit(limit)
	return limit
}

// OfRuntime returns the bytes of a share, by the limit of Go's runtime that
// [Budget.LimitRuntime] has set. It is for code that nobody hands a budget, such as a
// converter in a plugin. Without a limit the budget counts as 2 GiB.
func OfRuntime(s Share) int64 {
	limit := debug.SetMemoryLimit(-1)
	if limit == math.MaxInt64 {
		limit = 2 << 30 / 10 * 9
	}
	return (&Budget{bytes: max(limit/9*10, Least)}).Of(s)
}

// Of returns the bytes of a share.
func (b *Budget) Of(s Share) int64 {
	p := shares[s]
	return max(p.least, min(b.Bytes()/p.part, p.most))
}

// OrNew returns the budget, or a new one in place of nil.
func (b *Budget) OrNew() *Budget {
	if b == nil {
		return &Budget{}
	}
	return b
}

// Account returns an account of a share, for one of its holders. There may be any
// number.
func (b *Budget) Account(s Share) *Account {
	b = b.OrNew()
	return &Account{budget: b, share: s, room: b.Of(s)}
}

// pauses is how many times as long as a collection of garbage took the next one waits
// when little was taken meanwhile: what finds no room is then still in use.
const pauses = 10

// worth is the part of a share that is worth a collection of garbage once it was taken.
// It is small, as most of what is taken may be in use for a while.
const worth = 8

// collectFor collects garbage, unless that was done a moment ago and little was taken of
// the share since. It reports whether it did.
func (b *Budget) collectFor(s Share, room int64) bool {
	b.collecting.Lock()
	defer b.collecting.Unlock()
	b.mu.Lock()
	fresh := b.taken[s] >= room/worth
	began := time.Now()
	if !fresh && began.Before(b.collect) {
		b.mu.Unlock()
		return false
	}
	clear(b.taken[:])
	b.mu.Unlock()
	runtime.GC()
	end := time.Now()
	b.collect = end.Add(pauses * end.Sub(began))
	return true
}

// Usage is what is taken of a share that is counted.
type Usage struct {
	// Held is how many bytes all holders have taken, and Room how many there are for them.
	Held, Room int64
	// InVain is how often something waited for room and got none.
	InVain int64
}

// Usage returns what is taken of a share. Only shares with an [Account] are counted. It may
// be called from any goroutine; a nil Budget has no usage.
func (b *Budget) Usage(s Share) Usage {
	if b == nil {
		return Usage{}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return Usage{Held: b.held[s], Room: b.Of(s), InVain: b.vain[s]}
}
