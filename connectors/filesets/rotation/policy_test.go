package rotation

import (
	"testing"
	"time"
)

var begun = time.Date(2015, 5, 17, 10, 5, 0, 0, time.UTC)

func TestAnEmptySetIsNeverCommitted(t *testing.T) {
	p := Policy{Records: 1, Bytes: 1, Interval: 1, Wallclock: true, Schedule: 1, Zone: time.UTC, Idle: 1}
	if got := p.Deadline(Fill{}); !got.IsZero() {
		t.Errorf("Deadline = %v, want never", got)
	}
	if p.Full(Fill{}) || p.Over(Fill{}, begun, begun) {
		t.Error("an empty set is full or over")
	}
}

func TestALimitOfZeroOrLessNeverCommits(t *testing.T) {
	fill := Fill{Records: 1 << 40, Bytes: 1 << 40, Time: begun, Begun: begun, Touched: begun}
	for _, p := range []Policy{{}, {Records: -1, Bytes: -1, Interval: -1, Wallclock: true, Schedule: -1, Idle: -1}} {
		if p.Full(fill) || p.Over(fill, begun.AddDate(9, 0, 0), begun.AddDate(9, 0, 0)) {
			t.Errorf("%+v commits", p)
		}
	}
}

func TestFullCountsRecordsAndBytes(t *testing.T) {
	for _, c := range []struct {
		p    Policy
		fill Fill
		want bool
	}{
		{Policy{Records: 3}, Fill{Records: 2, Bytes: 999}, false},
		{Policy{Records: 3}, Fill{Records: 3}, true},
		{Policy{Records: 3, Bytes: 100}, Fill{Records: 1, Bytes: 99}, false},
		{Policy{Records: 3, Bytes: 100}, Fill{Records: 1, Bytes: 100}, true},
	} {
		if got := c.p.Full(c.fill); got != c.want {
			t.Errorf("%+v of %+v: full is %v, want %v", c.p, c.fill, got, c.want)
		}
	}
}

func TestOverComparesRecordTimes(t *testing.T) {
	p := Policy{Interval: time.Hour}
	fill := Fill{Records: 1, Time: begun, Begun: begun, Touched: begun}
	for _, c := range []struct {
		name string
		fill Fill
		t    time.Time
		want bool
	}{
		{"within the interval", fill, begun.Add(time.Hour - 1), false},
		{"at its end", fill, begun.Add(time.Hour), true},
		{"before the first", fill, begun.Add(-time.Hour), false},
		{"a record without a time", fill, time.Time{}, false},
		{"a first record without a time", Fill{Records: 1, Begun: begun, Touched: begun}, begun, false},
	} {
		if got := p.Over(c.fill, c.t, begun.AddDate(1, 0, 0)); got != c.want {
			t.Errorf("%s: over is %v, want %v", c.name, got, c.want)
		}
	}
}

func TestDeadlineIsTheEarliestOfTheClocks(t *testing.T) {
	fill := Fill{Records: 2, Time: begun, Begun: begun, Touched: begun.Add(time.Minute)}
	for _, c := range []struct {
		p    Policy
		want time.Time
	}{
		{Policy{Interval: time.Hour}, time.Time{}},
		{Policy{Interval: time.Hour, Wallclock: true}, begun.Add(time.Hour)},
		{Policy{Idle: time.Second}, begun.Add(61 * time.Second)},
		{Policy{Schedule: time.Hour, Zone: time.UTC}, begun.Add(55 * time.Minute)},
		{Policy{Schedule: time.Hour, Zone: time.UTC, Idle: time.Hour}, begun.Add(55 * time.Minute)},
	} {
		if got := c.p.Deadline(fill); !got.Equal(c.want) {
			t.Errorf("%+v: the deadline is %v, want %v", c.p, got, c.want)
		}
		if c.want.IsZero() {
			continue
		}
		if c.p.Over(fill, begun, c.want.Add(-1)) || !c.p.Over(fill, begun, c.want) {
			t.Errorf("%+v: over does not begin at %v", c.p, c.want)
		}
	}
}

func TestNextOnScheduleCountsFromMidnightOfTheZone(t *testing.T) {
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	santiago, err := time.LoadLocation("America/Santiago") // on 8 September 2024, 0:00 was 1:00
	if err != nil {
		t.Fatal(err)
	}
	at := func(h, m int) time.Time { return time.Date(2015, 5, 17, h, m, 0, 0, tokyo) }
	spring := func(d, h, m int) time.Time { return time.Date(2024, 9, d, h, m, 0, 0, santiago) }
	for _, c := range []struct {
		t, want time.Time
		every   time.Duration
	}{
		{at(10, 5), at(11, 0), time.Hour},
		{at(11, 0), at(12, 0), time.Hour},
		{at(23, 59), at(24, 0), 7 * time.Hour},
		{at(3, 0), at(7, 0), 7 * time.Hour},
		{at(22, 0), at(24, 0), 7 * time.Hour},
		{spring(7, 22, 30), spring(7, 23, 0), time.Hour},
		{spring(7, 23, 30), spring(8, 1, 0), time.Hour},
		{spring(8, 1, 0), spring(8, 3, 0), 2 * time.Hour},
		{spring(8, 23, 30), spring(9, 0, 0), time.Hour},
	} {
		if got := nextOnSchedule(c.t, c.every); !got.Equal(c.want) {
			t.Errorf("after %v every %v: %v, want %v", c.t, c.every, got, c.want)
		}
	}
}
