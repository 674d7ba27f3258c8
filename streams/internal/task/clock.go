package task

import (
	"fmt"
	"time"

	"github.com/suiro/suiro/streams/internal/limits"
	"github.com/suiro/suiro/streams/topology"
)

// clock returns the rejection of a record whose timestamp cannot be written again, is too far
// ahead of the clock, so that stream time would follow it and all windows of all others would
// expire, or is one that a changelog of the task is known to refuse: what is made of the record
// would have that timestamp at the end of the epoch, when no record is to blame.
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
	for _, l := range t.logs {
		if err := t.Limits.Time(l.topic, at); err != nil {
			return &topology.Rejection{Stage: topology.Processing, Err: err}
		}
	}
	return nil
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
