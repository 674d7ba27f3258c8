package hdfs

import (
	"time"

	"github.com/suiro/suiro/connectors/filesets/layout"
)

// full reports whether the set must be committed now, whatever comes next.
func (o *openSet) full() bool {
	return o.count >= int64(o.s.flushSize) || o.s.rotateBytes > 0 && o.bytes() >= o.s.rotateBytes
}

// over reports whether a record of time t is beyond the set's span, or the
// set's own time is over, so that it is committed before the record.
func (o *openSet) over(t, now time.Time) bool {
	if d := o.deadline(); !d.IsZero() && !now.Before(d) {
		return true
	}
	if o.s.rotateInterval <= 0 || o.count == 0 || t.IsZero() || o.from.IsZero() {
		return false
	}
	return t.Sub(o.from) >= o.s.rotateInterval
}

// deadline returns when the set must be committed by the clock, zero for never.
func (o *openSet) deadline() (d time.Time) {
	if o.count == 0 {
		return d
	}
	earliest := func(t time.Time) {
		if d.IsZero() || t.Before(d) {
			d = t
		}
	}
	if o.s.rotateIdle > 0 {
		earliest(o.touched.Add(o.s.rotateIdle))
	}
	if o.s.rotateSchedule > 0 {
		earliest(nextOnSchedule(o.begun.In(o.s.zone), o.s.rotateSchedule))
	}
	if _, clock := o.s.extractor.(layout.Wallclock); clock && o.s.rotateInterval > 0 {
		earliest(o.begun.Add(o.s.rotateInterval))
	}
	return d
}

// nextOnSchedule returns the first multiple of every since midnight that is
// after t, or the next midnight.
func nextOnSchedule(t time.Time, every time.Duration) time.Time {
	today, tomorrow := midnight(t, 0), midnight(t, 1)
	next := today.Add((t.Sub(today)/every + 1) * every)
	if next.After(tomorrow) {
		return tomorrow
	}
	return next
}

// midnight returns the first moment of the day that is some days after t's. In
// zones whose clocks go forward at midnight there is no 0:00 that day, and
// time.Date may return 23:00 of the day before.
func midnight(t time.Time, days int) time.Time {
	m := time.Date(t.Year(), t.Month(), t.Day()+days, 0, 0, 0, 0, t.Location())
	if m.Hour() >= 12 {
		_, m = m.ZoneBounds()
	}
	return m
}
