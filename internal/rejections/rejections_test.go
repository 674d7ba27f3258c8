package rejections

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// newLog returns a Log, and what it has written so far without the times.
func newLog() (*Log, func() string) {
	var out bytes.Buffer
	untimed := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
			return slog.Attr{}
		}
		return a
	}
	l := New(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: untimed})))
	return l, func() string {
		defer out.Reset()
		return out.String()
	}
}

func bad(offset int, reason string) Rejection {
	return Rejection{Stage: "processing", Place: "in", Attrs: []any{"class", "Cast"},
		Record: fmt.Sprintf("in-3@%d", offset), Reason: reason}
}

// The first of each kind is seen, whatever numbers and texts its reason has; the
// others are counted.
func TestFirstOfAKindIsLoggedAndTheOthersCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, written := newLog()
		for i := range 5 {
			l.Add(bad(i, fmt.Sprintf("line %d: no colon in %q", i, strings.Repeat("x", i))))
		}
		l.Add(bad(5, `line 5: no colon in "quoted`+"\"")) // of the same kind
		l.Add(bad(9, "no field status"))
		want := `msg="record rejected, the first of its kind" stage=processing class=Cast record=in-3@0 reason="line 0: no colon in \"\""
msg="record rejected, the first of its kind" stage=processing class=Cast record=in-3@9 reason="no field status"
`
		if got := written(); got != want {
			t.Errorf("written %s, want %s", got, want)
		}
		time.Sleep(interval - 1)
		if got := written(); got != "" {
			t.Errorf("written %s before the minute is over", got)
		}
		time.Sleep(2 * time.Nanosecond)
		synctest.Wait()
		want = `msg="more records rejected" stage=processing class=Cast records=5 within=1m0s last=in-3@5 ` +
			`reason="line 5: no colon in \"quoted\""` + "\n"
		if got := written(); got != want {
			t.Errorf("written %s, want %s", got, want)
		}
		l.Add(bad(10, `line 7: no colon in ""`))
		l.End()
		want = `msg="more records rejected" stage=processing class=Cast records=1 within=0s last=in-3@10 ` +
			`reason="line 7: no colon in \"\""` + "\n"
		if got := written(); got != want {
			t.Errorf("written %s, want %s", got, want)
		}
		time.Sleep(2 * interval)
		synctest.Wait()
		if got := written(); got != "" {
			t.Errorf("written %s after the end", got)
		}
	})
}

// Reasons that are all different fill neither the log nor the memory.
func TestKindsAreBounded(t *testing.T) {
	l, written := newLog()
	for i := range 1000 {
		l.Add(bad(i, "x"+strings.Repeat("a", i%180)+strings.Repeat("b", i/180)))
	}
	if got, want := strings.Count(written(), "\n"), kindsPerPlace+1; got != want {
		t.Errorf("%d lines about 1000 reasons, want %d", got, want)
	}
	l.End()
}

// A cookie may be a session.
func TestLongQuotationsAreCut(t *testing.T) {
	l, written := newLog()
	l.Add(bad(0, `label "cookie": a name without "=" in "session=0123456789abcdef; b"`))
	want := `reason="label \"cookie\": a name without \"=\" in \"session=01234567…\""`
	if got := written(); !strings.Contains(got, want) {
		t.Errorf("written %s, want %s", got, want)
	}
}

func TestLongReasonsAreCut(t *testing.T) {
	l, written := newLog()
	l.Add(bad(0, strings.Repeat("水", 1000)))
	if got := written(); len(got) > longest+200 || !strings.Contains(got, "水…") {
		t.Errorf("written %d bytes, want a cut reason: %s", len(got), got)
	}
}

// Records may come faster than a long reason is searched for quotations.
func TestNoMoreThanTheBeginningOfAReasonIsKept(t *testing.T) {
	l, written := newLog()
	long := strings.Repeat(`"x" `, 1<<20)
	l.Add(Rejection{Stage: "PUT", Record: long, Reason: long, Stack: long})
	if got, most := len(written()), 64<<10; got > most {
		t.Errorf("the line has %d bytes, want at most %d", got, most)
	}
}
