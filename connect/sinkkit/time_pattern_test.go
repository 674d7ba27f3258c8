package sinkkit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/sinkkit"
)

var at = time.Date(2015, 5, 7, 10, 5, 3, 123456789, time.UTC)

func TestTimePatternsWriteWhatJodaTimeWrites(t *testing.T) {
	for pattern, want := range map[string]string{
		"'dt='YYYY-MM-dd/'hour='HH": "dt=2015-05-07/hour=10",
		"yyyy.MM.dd":                "2015.05.07",
		"y-M-d H.m.s":               "2015-5-7 10.5.3",
		"yy DDD SSS":                "15 127 123",
		"'it''s'=HH":                "its=10",
		"'quote'''=HH":              "quote'=10",
		"":                          "",
	} {
		p, err := sinkkit.ParseTimePattern(pattern)
		if err != nil {
			t.Errorf("ParseTimePattern(%q): %v", pattern, err)
			continue
		}
		if got := p.Format(at); got != want {
			t.Errorf("%q formats as %q, want %q", pattern, got, want)
		}
	}
}

func TestTimePatternsThatCannotBeWrittenAreRefused(t *testing.T) {
	for pattern, want := range map[string]string{
		"'dt=YYYY": "a quote is not closed", "dt=YYYY": `"t" is not supported`, "MMM": `"MMM" is not supported`,
		"yyyy-ww": `"ww" is not supported`,
	} {
		if _, err := sinkkit.ParseTimePattern(pattern); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseTimePattern(%q) = %v, want %q", pattern, err, want)
		}
	}
}

func TestTextStaysTheSameWithinTheUnit(t *testing.T) {
	for pattern, want := range map[string]time.Duration{
		"yyyy": 24 * time.Hour, "yyyy.MM.dd": 24 * time.Hour, "'H'": 24 * time.Hour, "yyyy-HH": time.Hour,
		"HHmm": time.Minute, "mmss": time.Second, "ss.SSS": time.Nanosecond,
	} {
		p, err := sinkkit.ParseTimePattern(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Unit(); got != want {
			t.Errorf("%q changes within %v, want %v", pattern, got, want)
		}
		first := at.Truncate(p.Unit())
		if last := first.Add(p.Unit() - 1); p.Format(first) != p.Format(last) {
			t.Errorf("%q formats as %q and as %q within its unit", pattern, p.Format(first), p.Format(last))
		}
	}
}

func FuzzParseTimePattern(f *testing.F) {
	f.Add("'dt='YYYY-MM-dd/'hour='HH")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := sinkkit.ParseTimePattern(text)
		if err != nil {
			return
		}
		first := at.Truncate(p.Unit())
		if a, b := p.Format(first), p.Format(first.Add(p.Unit()-1)); a != b {
			t.Errorf("%q formats as %q and as %q within its unit", text, a, b)
		}
	})
}
