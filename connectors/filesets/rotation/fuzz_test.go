package rotation

import (
	"testing"
	"time"
)

// FuzzPolicy asks about records of any time. Nothing wraps around: a set that is over
// at a time is over at each later one, and its deadline is after it was begun.
func FuzzPolicy(f *testing.F) {
	f.Add(int64(60_000), int64(3_600_000), int64(5_000), int64(0), int64(1<<63-1), int64(1))
	f.Add(int64(1<<62), int64(1<<62), int64(-1), int64(-1<<63), int64(9_223_372_036_855), int64(0))
	f.Fuzz(func(t *testing.T, interval, schedule, idle, first, record, later int64) {
		p := Policy{Interval: duration(interval), Schedule: duration(schedule), Idle: duration(idle), Zone: time.UTC}
		now := time.Date(2026, 11, 28, 23, 0, 0, 0, time.UTC)
		fill := Fill{Records: 1, Time: time.UnixMilli(first), Begun: now, Touched: now}
		if d := p.Deadline(fill); !d.IsZero() && !d.After(now) {
			t.Errorf("the deadline of a set begun at %v is %v", now, d)
		}
		at := time.UnixMilli(record)
		after := at.Add(duration(later))
		if p.Over(fill, at, now) && after.After(at) && !p.Over(fill, after, now) {
			t.Errorf("a record of %v ends the set, and one of %v does not", at, after)
		}
		if p.Interval > 0 && at.Before(fill.Time) && p.Over(fill, at, now) {
			t.Errorf("a record of %v ends a set that begins at %v", at, fill.Time)
		}
	})
}

// duration is milliseconds as the configuration gives them, at least nothing.
func duration(ms int64) time.Duration {
	const most = int64(1<<63-1) / int64(time.Millisecond)
	return time.Duration(min(max(ms, 0), most)) * time.Millisecond
}
