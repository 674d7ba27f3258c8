package task

import (
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/internal/timers"
	"github.com/suiro/suiro/streams/topology"
)

// Schedule implements topology.Context. As in Kafka Streams a schedule by stream time is
// due at 1970 first, and so at the first record, and one by the clock after an interval.
func (n *nodeContext) Schedule(interval time.Duration, kind topology.PunctuationType,
	punctuate func(now time.Time) error) (cancel func()) {
	if interval < time.Millisecond {
		panic(fmt.Errorf("schedule a punctuation every %v: the interval must be at least 1ms", interval))
	}
	first := int64(0)
	if kind == topology.WallClockTime {
		first = n.t.Now().UnixMilli() + interval.Milliseconds()
	}
	return n.timers.Add(kind, first, interval.Milliseconds(), punctuate)
}

// punctuate calls what is due.
func (n *nodeContext) punctuate(kind topology.PunctuationType, now int64) error {
	for t := n.timers.Next(kind, now); t != nil; t = n.timers.Next(kind, now) {
		if err := n.call(t, now); err != nil {
			return fmt.Errorf("punctuation at %s: %w", time.UnixMilli(now).UTC().Format(time.RFC3339Nano), err)
		}
	}
	return nil
}

// call calls a punctuator, and writes what it has emitted. What becomes of a failure is
// decided without a record.
func (n *nodeContext) call(t *timers.Timer, now int64) error {
	n.Hold()
	began := time.Now()
	err := node.Try(func() error { return t.Punctuate(time.UnixMilli(now)) })
	n.t.Metrics.Punctuated(time.Since(began))
	if err == nil {
		err = n.oversized()
	}
	if err == nil {
		return n.settle(nil, nil)
	}
	var rejection *topology.Rejection
	if errors.As(err, &rejection) {
		of := *rejection
		of.Err = fmt.Errorf("in a punctuation: %w", rejection.Err)
		err = ofNode(err, &of)
	}
	return n.settle(n.none(now), err)
}

// none stands for the record where there is none.
func (n *nodeContext) none(now int64) *kgo.Record {
	return &kgo.Record{Topic: n.t.ID.String(), Partition: n.t.ID.Partition, Offset: -1, Timestamp: time.UnixMilli(now)}
}

// NextPunctuation returns when a punctuation by the clock is due, and whether there is
// one. Any goroutine may call it once the task is ready.
func (t *Task) NextPunctuation() (at time.Time, ok bool) {
	next := t.node.timers.Wall()
	return time.UnixMilli(next), next != timers.Never
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

// keepTimes notes that the partition times, and what nodes keep with them, are committed, or
// forgets what is not.
func (n *nodeContext) keepTimes(committed bool) {
	n.kept.keep(committed)
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
