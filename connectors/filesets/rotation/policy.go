// Package rotation says when a sink finishes the files that it is writing and
// commits them: after so many records or bytes, after a span of record time, at
// times of the clock, or when no record comes.
package rotation

import "time"

// Policy says when a set of files is committed. A limit of zero or less never
// commits. A Policy may be used by many goroutines.
type Policy struct {
	// Records is the number of records after which a set is full. A rejected
	// record counts.
	Records int64
	// Bytes is the size of the set's files from which on it is full.
	Bytes int64
	// Interval is a span of record time. A record that is this much later than
	// the set's first begins the next set.
	Interval time.Duration
	// Wallclock means that the record time is the machine's clock, so that
	// Interval ends without another record.
	Wallclock bool
	// Schedule is the time between commits by the clock, counted from midnight
	// in Zone.
	Schedule time.Duration
	// Zone is where midnight is. It is needed with Schedule.
	Zone *time.Location
	// Idle is how long after its last record a set is committed.
	Idle time.Duration
}

// Fill is how far a set of files is filled. The zero Fill is an empty set, which
// is never committed.
type Fill struct {
	// Records is the number of records, rejected ones included.
	Records int64
	// Bytes is the size of the files; only [Policy.Bytes] needs it.
	Bytes int64
	// Time is the record time of the first record that has one, or zero.
	Time time.Time
	// Begun and Touched are when the first and the last record came, by the
	// clock.
	Begun, Touched time.Time
}

// Full reports whether a set must be committed now, whatever comes next.
func (p Policy) Full(f Fill) bool {
	return p.Records > 0 && f.Records >= p.Records || p.Bytes > 0 && f.Bytes >= p.Bytes
}

// Over reports whether a set must be committed before a record of the record
// time t, which may be zero, that came now.
func (p Policy) Over(f Fill, t, now time.Time) bool {
	if d := p.Deadline(f); !d.IsZero() && !now.Before(d) {
		return true
	}
	if p.Interval <= 0 || f.Records == 0 || t.IsZero() || f.Time.IsZero() {
		return false
	}
	return t.Sub(f.Time) >= p.Interval
}

// Deadline returns when a set must be committed by the clock, zero for never.
func (p Policy) Deadline(f Fill) (d time.Time) {
	if f.Records == 0 {
		return d
	}
	earliest := func(t time.Time) {
		if d.IsZero() || t.Before(d) {
			d = t
		}
	}
	if p.Idle > 0 {
		earliest(f.Touched.Add(p.Idle))
	}
	if p.Schedule > 0 {
		earliest(nextOnSchedule(f.Begun.In(p.Zone), p.Schedule))
	}
	if p.Wallclock && p.Interval > 0 {
		earliest(f.Begun.Add(p.Interval))
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
