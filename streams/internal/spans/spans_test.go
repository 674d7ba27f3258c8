package spans_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/streams/internal/spans"
)

const (
	day      = 24 * time.Hour
	forever  = time.Duration(math.MaxInt64)
	tooShort = time.Millisecond - 1
)

// How long windows are kept follows from how long they take records, unless it is said.
func TestRetention(t *testing.T) {
	for name, tt := range map[string]struct {
		make   func() (spans.Spans, error)
		want   time.Duration
		closes time.Duration // how long after the end of a window its last update may come
		fails  string
	}{
		"a day at least": {func() (spans.Spans, error) { return spans.Times(time.Minute, 0, time.Second, 0, false) },
			day, time.Second, ""},
		"size and grace": {func() (spans.Spans, error) { return spans.Times(2*day, day, day, 0, false) }, 3 * day, day, ""},
		"as it is said":  {func() (spans.Spans, error) { return spans.Times(2*day, day, day, 4*day, false) }, 4 * day, day, ""},
		"too short": {func() (spans.Spans, error) { return spans.Times(2*day, day, day, 2*day, false) }, 2 * day, day,
			"at least Size + Grace, 72h0m0s"},
		"twice for those that are forwarded when they close": {
			func() (spans.Spans, error) { return spans.Times(2*day, day, day, 0, true) }, 6 * day, day, ""},
		"both sides of a record": {func() (spans.Spans, error) { return spans.Sliding(2*day, day, 0, false) }, 5 * day, day, ""},
		"a session ends with its gap": {func() (spans.Spans, error) { return spans.Sessions(2*day, day, 0, false) },
			3 * day, 3 * day, ""},
		"without an end": {func() (spans.Spans, error) { return spans.Unlimited(time.Time{}, false) }, forever, 0, ""},
		"longer than can be told": {func() (spans.Spans, error) {
			return spans.Times(forever/time.Millisecond*time.Millisecond, 0, 2*time.Millisecond, 0, true)
		}, forever, 2 * time.Millisecond, ""},
	} {
		s, err := tt.make()
		if (err != nil) != (tt.fails != "") || err != nil && !strings.Contains(err.Error(), tt.fails) {
			t.Errorf("%s: error %v, want one that says %q", name, err, tt.fails)
		}
		if s.Retention != tt.want || s.ClosesAfter() != tt.closes {
			t.Errorf("%s: kept for %v, closes after %v; want %v, %v", name, s.Retention, s.ClosesAfter(), tt.want, tt.closes)
		}
		if got := s.Slack(); got < 0 {
			t.Errorf("%s: the slack is %d ms", name, got)
		}
	}
}

// What cannot be is an error that says what may be.
func TestWindowsThatCannotBe(t *testing.T) {
	before1970 := time.UnixMilli(-1)
	for name, tt := range map[string]struct {
		make func() error
		want string
	}{
		"no size":           {times(0, 0, 0), "size and advance must be at least 1ms"},
		"gaps":              {times(time.Second, 2*time.Second, 0), "advance at most size"},
		"negative grace":    {times(time.Second, 0, -1), "grace not negative"},
		"half milliseconds": {times(1500*time.Microsecond, 0, 0), "whole milliseconds only"},
		"no difference": {func() error { _, err := spans.Sliding(tooShort, 0, 0, false); return err },
			"difference must be at least 1ms"},
		"no gap": {func() error { _, err := spans.Sessions(tooShort, 0, 0, false); return err }, "gap must be at least 1ms"},
		"they never close": {func() error { _, err := spans.Unlimited(time.Time{}, true); return err },
			"they have no end, so nothing would come"},
		"before all time": {func() error { _, err := spans.Unlimited(before1970, false); return err }, "the earliest is 1970-01-01"},
		"a join that ends before it begins": {func() error { _, err := spans.Join(-2*time.Second, time.Second, 0); return err },
			"it ends before it begins"},
		"a join of nothing": {func() error { _, err := spans.Join(0, 0, 0); return err }, "nothing would join"},
		"a join with a negative grace": {func() error { _, err := spans.Join(time.Second, 0, -time.Second); return err },
			"it cannot be negative"},
	} {
		if err := tt.make(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one that says %q", name, err, tt.want)
		}
	}
	w, err := spans.Join(time.Second, -500*time.Millisecond, time.Minute)
	if err != nil || w.Before != 1000 || w.After != -500 || w.Grace != 60_000 {
		t.Errorf("a join of what came half a second before at least is %+v, %v", w, err)
	}
}

func times(size, advance, grace time.Duration) func() error {
	return func() error { _, err := spans.Times(size, advance, grace, 0, false); return err }
}
