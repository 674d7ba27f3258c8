package task

import (
	"errors"
	"fmt"
	"time"

	"github.com/suiro/suiro/streams/internal/limits"
	"github.com/suiro/suiro/streams/topology"
)

// clock returns the rejection of a record whose timestamp cannot be written again, or is too far
// ahead of the clock: stream time would follow it, and all windows of all others would
// expire.
func (t *Task) clock(at time.Time) error {
	ahead := at.Sub(t.now) // it saturates
	switch {
	case limits.Writable(at) != nil:
		return &topology.Rejection{Stage: topology.Processing, Err: limits.Writable(at)}
	case t.Ahead > 0 && ahead > t.Ahead:
		return &topology.Rejection{Stage: topology.Processing, Err: fmt.Errorf(
			"timestamp %s is %v ahead of the clock: correct the clock of its producer, or raise message.timestamp.after.max.ms (%d)",
			at.UTC().Format(time.RFC3339), ahead.Round(time.Second), t.Ahead.Milliseconds())}
	}
	return nil
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

// believable returns a stream time that was committed, or the latest one that a record may
// have now: with one from further ahead every record would be late.
func (t *Task) believable(stored int64) int64 {
	latest := time.Now().Add(t.Ahead).UnixMilli()
	if t.Ahead <= 0 || stored <= latest {
		return stored
	}
	t.Logger.Warn("the committed stream time is ahead of the clock, and is set back", "stream_time",
		time.UnixMilli(stored).UTC(), "to", time.UnixMilli(latest).UTC())
	return latest
}
