package task

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/streams/topology"
)

// timers are what the nodes of a task have scheduled. They belong to the goroutine of
// nodeContext.
type timers struct {
	all    []*timer
	stream int64        // when the next one is due by stream time
	wall   atomic.Int64 // and by the clock; any goroutine may read it
}

// timer is one schedule. Times are in milliseconds since 1970.
type timer struct {
	kind            topology.PunctuationType
	interval        int64
	next, committed int64 // when it is due, now and as of the last commit
	punctuate       func(now time.Time) error
	canceled        bool
}

// never is when nothing is due.
const never = math.MaxInt64

// due finds when the next timers are due.
func (s *timers) due() {
	next := map[topology.PunctuationType]int64{topology.StreamTime: never, topology.WallClockTime: never}
	for _, t := range s.all {
		next[t.kind] = min(next[t.kind], t.next)
	}
	s.stream = next[topology.StreamTime]
	s.wall.Store(next[topology.WallClockTime])
}

// first returns the timer that is due first of those that are due, nil when none is.
func (s *timers) first(kind topology.PunctuationType, now int64) (first *timer) {
	for _, t := range s.all {
		if t.kind == kind && t.next <= now && (first == nil || t.next < first.next) {
			first = t
		}
	}
	return first
}

// keep notes that the schedules are committed, or sets them back: what the punctuators of
// an aborted epoch have made is lost, and they are due again.
func (s *timers) keep(committed bool) {
	for _, t := range s.all {
		if committed {
			t.committed = t.next
		} else {
			t.next = t.committed
		}
	}
	s.due()
}

// cancel takes a timer out.
func (s *timers) cancel(t *timer) {
	t.canceled = true
	s.all = slices.DeleteFunc(s.all, func(o *timer) bool { return o == t })
	s.due()
}

// Schedule implements topology.Context. As in Kafka Streams a schedule by stream time is
// due at 1970 first, and so at the first record, and one by the clock after an interval.
func (n *nodeContext) Schedule(interval time.Duration, kind topology.PunctuationType,
	punctuate func(now time.Time) error) (cancel func()) {
	if interval < time.Millisecond {
		panic(fmt.Errorf("schedule a punctuation every %v: the interval must be at least 1ms", interval))
	}
	t := &timer{kind: kind, interval: interval.Milliseconds(), punctuate: punctuate}
	if kind == topology.WallClockTime {
		t.next = n.t.Now().UnixMilli() + t.interval
	}
	t.committed = t.next
	n.timers.all = append(n.timers.all, t)
	n.timers.due()
	return func() { n.timers.cancel(t) }
}

// punctuate calls what is due. A timer that has missed some of its times is called once.
func (n *nodeContext) punctuate(kind topology.PunctuationType, now int64) error {
	for t := n.timers.first(kind, now); t != nil; t = n.timers.first(kind, now) {
		t.next += ((now-t.next)/t.interval + 1) * t.interval
		if err := n.call(t, now); err != nil {
			return fmt.Errorf("punctuation at %s: %w", time.UnixMilli(now).UTC().Format(time.RFC3339Nano), err)
		}
	}
	n.timers.due()
	return nil
}

// call calls a punctuator, and writes what it has emitted. What is rejected is a dead
// letter without a record.
func (n *nodeContext) call(t *timer, now int64) error {
	n.holding = true
	err := t.punctuate(time.UnixMilli(now))
	n.holding = false
	if err == nil {
		err = n.oversized()
	}
	var rejection *topology.Rejection
	if !errors.As(err, &rejection) {
		n.write(err == nil)
		return err
	}
	n.write(false)
	none := &kgo.Record{Topic: n.t.ID.String(), Partition: n.t.ID.Partition, Offset: -1, Timestamp: time.UnixMilli(now)}
	return n.reject(none, &topology.Rejection{
		Stage: rejection.Stage, Err: fmt.Errorf("in a punctuation: %w", rejection.Err)})
}

// NextPunctuation returns when a punctuation by the clock is due, and whether there is
// one. Any goroutine may call it once the task is ready.
func (t *Task) NextPunctuation() (at time.Time, ok bool) {
	next := t.node.timers.wall.Load()
	return time.UnixMilli(next), next != never
}

// Punctuate makes the task call what is due by the clock, when it has processed what it
// was given. It is part of the open epoch.
func (t *Task) Punctuate() { t.Process(nil, 0) }

// Idle reports whether the task has processed all that it was given. Any goroutine may
// call it.
func (t *Task) Idle() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.pending == 0
}

// partitionTime is the largest timestamp of a partition's records.
type partitionTime struct {
	topic     string
	partition int32
	now       int64 // NoStreamTime before the first one
	committed int64
}

// partition returns the time of a partition.
func (n *nodeContext) partition(topic string, partition int32) *partitionTime {
	if p := n.recent; p != nil && p.partition == partition && p.topic == topic {
		return p
	}
	for _, p := range n.times {
		if p.partition == partition && p.topic == topic {
			n.recent = p
			return p
		}
	}
	at, ok := n.t.Times[topic]
	if !ok {
		at = NoStreamTime
	}
	p := &partitionTime{topic: topic, partition: partition, now: at, committed: at}
	n.times, n.recent = append(n.times, p), p
	return p
}

// keepTimes notes that the partition times are committed, or forgets what is not.
func (n *nodeContext) keepTimes(committed bool) {
	for _, p := range n.times {
		if committed {
			p.committed = p.now
		} else {
			p.now = p.committed
		}
	}
}

// extract returns the event time of a record, and false when it has none and is dropped.
func (n *nodeContext) extract(s *topology.Source, in *topology.Record, p *partitionTime) (bool, error) {
	if s.Timestamp == nil {
		return true, nil
	}
	known := p.now
	if known == NoStreamTime {
		known = topology.NoTime
	}
	at, err := s.Timestamp(in, known)
	var rejection *topology.Rejection
	switch {
	case errors.As(err, &rejection):
		return false, err
	case err != nil:
		return false, &topology.Rejection{Stage: topology.Deserialization, Err: fmt.Errorf("timestamp: %w", err)}
	case at < 0:
		n.Drop()
		return false, nil
	}
	in.Timestamp = time.UnixMilli(at)
	return true, nil
}
