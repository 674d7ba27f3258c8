// Package tap lets somebody see records on their way through a connector.
//
// Each task has a [Point], which costs one load of a pointer for a record while nobody
// taps. A tap takes some records a second and shows each at every stage, as JSON that is
// made at once in the goroutine of the task; the record itself is never touched.
package tap

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/suiro/suiro/connect/herder/api"
)

const (
	// maxTaps is how many taps are open at the same time; further ones wait.
	maxTaps = 8
	// maxBytes is about how much of records a tap holds.
	maxBytes = 1 << 20
	// pause is between two records that a tap takes.
	pause = 50 * time.Millisecond
	// gather is how long a tap that has a record waits for more.
	gather = 500 * time.Millisecond
)

// Point is where the records of one task can be tapped, over all its lives.
type Point struct {
	task int
	mask *Mask
	taps atomic.Pointer[[]watcher] // nil while nobody taps; replaced under the lock of the hub
}

// watcher takes note of records.
type watcher interface {
	// admit says whether a record is taken, and gives it a number.
	admit(now time.Time) (n int, ok bool)
	// add takes note of a stage of a record.
	add(s api.TappedRecord)
	// end takes note that a record has passed its last stage.
	end()
}

// NewPoint returns the point of the task with a number.
func NewPoint(task int, mask *Mask) *Point { return &Point{task: task, mask: mask} }

// Tapped reports whether somebody wants to see records now.
func (p *Point) Tapped() bool { return p.taps.Load() != nil }

// Begin returns what takes note of the next record at all its stages, nil when nobody
// wants to see it. It is called by the goroutine of the task.
func (p *Point) Begin() *Trace {
	taps := p.taps.Load()
	if taps == nil {
		return nil
	}
	t := &Trace{point: p}
	now := time.Now()
	for _, c := range *taps {
		if n, ok := c.admit(now); ok {
			t.seen = append(t.seen, seen{c, n})
		}
	}
	if len(t.seen) == 0 {
		return nil
	}
	return t
}

// change adds a collector, or takes it away; the hub's lock is held.
func (p *Point) change(c *collector, add bool) {
	var list []watcher
	if old := p.taps.Load(); old != nil {
		list = slices.DeleteFunc(slices.Clone(*old), func(o watcher) bool { return o == c })
	}
	if add {
		list = append(list, c)
	}
	if len(list) == 0 {
		p.taps.Store(nil)
		return
	}
	p.taps.Store(&list)
}

// Hub knows the points of all tasks of a worker. It is safe for concurrent use.
type Hub struct {
	slots chan struct{} // one for each tap that is open

	mu     sync.Mutex // guards points, and changes of their taps
	points map[string][]*Point
}

// NewHub returns a hub without points.
func NewHub() *Hub { return &Hub{slots: make(chan struct{}, maxTaps), points: map[string][]*Point{}} }

// Add adds the point of a task of a connector, and returns what removes it.
func (h *Hub) Add(connector string, p *Point) (remove func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.points[connector] = append(h.points[connector], p)
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		left := slices.DeleteFunc(h.points[connector], func(o *Point) bool { return o == p })
		if h.points[connector] = left; len(left) == 0 {
			delete(h.points, connector)
		}
	}
}

// Tap waits for records of a connector's tasks in this worker and returns them. It ends
// when it has enough, when some have come and no more for a moment, when it has waited
// as long as it should, or with ctx.
func (h *Hub) Tap(ctx context.Context, connector string, r api.TapRequest) api.Tapped {
	ctx, cancel := context.WithTimeout(ctx, r.Wait)
	defer cancel()
	out := api.Tapped{Tasks: []int{}, Stages: []api.TappedRecord{}}
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return out
	}
	c := newCollector(r)
	points := h.open(connector, r.Task, c)
	defer h.close(points, c)
	for _, p := range points {
		out.Tasks = append(out.Tasks, p.task)
	}
	slices.Sort(out.Tasks)
	if len(points) > 0 {
		c.wait(ctx)
	}
	out.Stages = append(out.Stages, c.take()...)
	return out
}

func (h *Hub) open(connector string, task int, c *collector) (points []*Point) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range h.points[connector] {
		if task < 0 || p.task == task {
			p.change(c, true)
			points = append(points, p)
		}
	}
	return points
}

func (h *Hub) close(points []*Point, c *collector) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range points {
		p.change(c, false)
	}
}

// collector is one tap.
type collector struct {
	request api.TapRequest
	some    chan struct{} // closed with the first record
	enough  chan struct{} // closed when there is no room for more

	mu       sync.Mutex // guards the rest
	next     time.Time  // when a record may be taken
	admitted int
	ended    int
	bytes    int
	stages   []api.TappedRecord
	closed   bool
}

func newCollector(r api.TapRequest) *collector {
	return &collector{request: r, some: make(chan struct{}), enough: make(chan struct{})}
}

// admit says whether a record is taken, and gives it a number.
func (c *collector) admit(now time.Time) (n int, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.admitted == c.request.Records || now.Before(c.next) {
		return 0, false
	}
	c.admitted++
	c.next = now.Add(pause)
	return c.admitted, true
}

// add takes note of a stage of a record.
func (c *collector) add(s api.TappedRecord) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.request.Stage != "" && s.Stage != c.request.Stage && s.Outcome != failed {
		return
	}
	for _, part := range [][]byte{s.Key, s.Value, s.SourcePartition, s.SourceOffset} {
		c.bytes += len(part)
	}
	for _, h := range s.Headers {
		c.bytes += len(h.Key) + len(h.Value)
	}
	c.stages = append(c.stages, s)
	if len(c.stages) == 1 {
		close(c.some)
	}
	if c.bytes > maxBytes {
		c.finish()
	}
}

// end takes note that a record has passed its last stage.
func (c *collector) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended++; c.ended == c.request.Records {
		c.finish()
	}
}

// finish takes no more; mu is held.
func (c *collector) finish() {
	if !c.closed {
		c.closed = true
		close(c.enough)
	}
}

func (c *collector) wait(ctx context.Context) {
	select {
	case <-c.some:
	case <-c.enough:
		return
	case <-ctx.Done():
		return
	}
	more := time.NewTimer(gather)
	defer more.Stop()
	select {
	case <-more.C:
	case <-c.enough:
	case <-ctx.Done():
	}
}

// take returns what was seen, the stages of a record together, and takes no more.
func (c *collector) take() []api.TappedRecord {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.finish()
	slices.SortStableFunc(c.stages, func(a, b api.TappedRecord) int { return cmp.Compare(a.Record, b.Record) })
	return c.stages
}
