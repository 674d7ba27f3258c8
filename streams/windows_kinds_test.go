package streams_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/streams"
)

// spans shows a table of windows in topic "out".
func spans[A any](t *streams.KTable[streams.Windowed[string], A]) {
	toOut(streams.Map(t.ToStream(), func(k streams.Windowed[string], v A) (string, string, error) {
		return fmt.Sprintf("%s@%d-%d", k.Key, k.Start.Unix(), k.End.Unix()), fmt.Sprint(v), nil
	}))
}

// byKey groups a stream by the keys it has.
func byKey(in *words) *streams.KGroupedStream[string, string] {
	return streams.GroupByKey(in, streams.String())
}

func plus(value, next string) (string, error) { return value + "+" + next, nil }

func joinAll(_ string, v, a string) (string, error) { return a + v, nil }

func empty() string { return "" }

func TestKindsOfWindows(t *testing.T) {
	sessions := streams.SessionWindows{InactivityGap: 10 * time.Second, Grace: time.Minute}
	sliding := streams.SlidingWindows{TimeDifference: 10 * time.Second, Grace: time.Minute}
	unlimited := streams.UnlimitedWindows{Start: second(10)}
	for name, tt := range map[string]struct {
		build   func(in *words)
		in, out []string
	}{
		"sessions counted": {func(in *words) { spans(streams.CountSessions(byKey(in).SessionWindowedBy(sessions), "n")) },
			[]string{"a=1@100", "a=2@120", "b=3@121", "a=4@110"}, []string{"b@121-121=1", "a@100-120=3"}},
		"sessions reduced": {func(in *words) {
			spans(streams.ReduceSessions(byKey(in).SessionWindowedBy(sessions), "n", plus, streams.String()))
		}, []string{"a=1@100", "a=2@120", "a=3@110"}, []string{"a@100-120=1+2+3"}},
		"sessions aggregated": {func(in *words) {
			merge := func(_ string, one, two string) (string, error) { return one + two, nil }
			spans(streams.AggregateSessions(byKey(in).SessionWindowedBy(sessions), "n", empty, joinAll, merge, streams.String()))
		}, []string{"a=1@100", "a=2@120", "a=3@110"}, []string{"a@100-120=123"}},
		"sliding windows": {func(in *words) { spans(streams.CountWindows(byKey(in).WindowedBy(sliding), "n")) },
			[]string{"a=1@100", "a=2@105", "a=3@116"},
			[]string{"a@90-100=1", "a@100-110=1", "a@95-105=2", "a@106-116=1"}}, // the second begins a millisecond later
		"a window without an end": {func(in *words) {
			spans(streams.ReduceWindows(byKey(in).WindowedBy(unlimited), "n", plus, streams.String()))
		}, []string{"a=1@9", "a=2@10", "a=3@100000"}, []string{"a@10-9223372036854775=2+3"}},
		"several streams": {func(in *words) {
			big := in.Filter(func(_, v string) bool { return len(v) > 1 })
			c := streams.CogroupWith(streams.Cogroup(byKey(in), joinAll), byKey(big),
				func(_ string, v, a string) (string, error) { return a + strings.ToUpper(v), nil })
			t := streams.AggregateCogrouped(c, "n", empty, streams.String())
			streams.To(t.ToStream(), "out", streams.String(), streams.String())
		}, []string{"a=x@1", "a=yz@2", "b=q@3"}, []string{"a=xYZyz", "b=q"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := drive(t, build(t, tt.build), nil)
			d.send(tt.in...)
			same(t, "updates", d.read("out"), tt.out)
		})
	}
}

// Aborts and restarts change nothing of what comes out, also when the disk is lost.
func TestClosedWindowsComeOnceThroughAbortsAndRestarts(t *testing.T) {
	for name, describe := range map[string]func(in *words){
		"on close": func(in *words) {
			w := streams.TimeWindows{Size: 10 * time.Second, Grace: 5 * time.Second}
			spans(streams.CountWindows(byKey(in).WindowedBy(w), "n", streams.EmitOnWindowClose()))
		},
		"suppressed": func(in *words) {
			w := streams.TimeWindows{Size: 10 * time.Second, Grace: 5 * time.Second}
			t := streams.CountWindows(byKey(in).WindowedBy(w), "n", streams.WithoutCaching())
			spans(t.Suppress(streams.UntilWindowCloses(streams.BufferConfig{})))
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := drive(t, build(t, describe), nil)
			d.send("a=1@1", "b=1@2", "a=1@9")
			d.commit()
			d.send("a=1@14", "c=1@30") // both windows close
			d.Abort()                  // they come again
			d.commit()
			if err := d.Restart(true); err != nil {
				t.Fatal(err)
			}
			d.send("c=1@31", "c=1@45")
			same(t, "windows", d.read("out"), []string{"a@0-10=2", "b@0-10=1", "a@10-20=1", "c@30-40=2"})
		})
	}
}

// How far closed windows were forwarded is committed with the offsets, so that a task which
// has lost its disk does not begin again.
func TestClosedWindowsAreForwardedOnceAfterAMove(t *testing.T) {
	fixed := streams.TimeWindows{Size: 10 * time.Second}
	sliding := streams.SlidingWindows{TimeDifference: 10 * time.Second}
	sessions := streams.SessionWindows{InactivityGap: 10 * time.Second}
	for name, describe := range map[string]func(in *words){
		"fixed": func(in *words) {
			spans(streams.CountWindows(byKey(in).WindowedBy(fixed), "n", streams.EmitOnWindowClose()))
		},
		"sliding": func(in *words) {
			spans(streams.CountWindows(byKey(in).WindowedBy(sliding), "n", streams.EmitOnWindowClose()))
		},
		"sessions": func(in *words) {
			spans(streams.CountSessions(byKey(in).SessionWindowedBy(sessions), "n", streams.EmitOnWindowClose()))
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := drive(t, build(t, describe), nil)
			d.send("a=1@3", "b=1@100")
			if got := d.read("out"); len(got) != 1 || !strings.HasPrefix(got[0], "a@") {
				t.Fatalf("closed %q, want the window of a", got)
			}
			d.send("c=1@300") // closes b, and is aborted
			if err := d.Restart(true); err != nil {
				t.Fatal(err)
			}
			if got := d.read("out"); len(got) != 1 || !strings.HasPrefix(got[0], "b@") {
				t.Errorf("closed %q after the move, want the window of b", got)
			}
		})
	}
}

func TestLateRecordsBecomeDeadLettersIfThatIsWanted(t *testing.T) {
	d := drive(t, build(t, func(in *words) {
		w := streams.TimeWindows{Size: 10 * time.Second}
		spans(streams.CountWindows(byKey(in).WindowedBy(w), "n", streams.RejectLate()))
	}), nil)
	d.send("a=1@5", "a=2@25", "a=3@6")
	d.commit()
	rejected := d.Rejected()
	if len(rejected) != 1 || !strings.Contains(rejected[0].Reason, "late") {
		t.Errorf("rejected %v, want the last record because it is late", rejected)
	}
}

func TestUpdatesAreHeldUntilATimeLimit(t *testing.T) {
	d := drive(t, build(t, func(in *words) {
		t := streams.Reduce(byKey(in), "n", plus, streams.String(), streams.WithoutCaching())
		held := t.Suppress(streams.UntilTimeLimit(10*time.Second, streams.BufferConfig{MaxRecords: 2}))
		streams.To(held.ToStream(), "out", streams.String(), streams.String())
	}), nil)
	d.send("a=1@1", "b=2@2", "a=3@5", "b=4@11", "c=5@12", "d=6@13", "e=7@14")
	same(t, "updates", d.read("out"), []string{"a=1+3", "b=2+4", "c=5"})
}

func TestWindowsThatCannotBeAreRefused(t *testing.T) {
	for want, describe := range map[string]func(in *words){
		"inactivity gap of 0s": func(in *words) { byKey(in).SessionWindowedBy(streams.SessionWindows{}) },
		"time difference of 0s": func(in *words) {
			byKey(in).WindowedBy(streams.SlidingWindows{})
		},
		"at least Size + Grace, 1m0s": func(in *words) {
			byKey(in).WindowedBy(streams.TimeWindows{Size: time.Minute, Retention: time.Second})
		},
		"at least 2 * (Size + Grace) with EmitOnWindowClose, 2m0s": func(in *words) {
			w := streams.TimeWindows{Size: time.Minute, Retention: time.Minute}
			streams.CountWindows(byKey(in).WindowedBy(w), "n", streams.EmitOnWindowClose())
		},
		"they have no end": func(in *words) {
			streams.CountWindows(byKey(in).WindowedBy(streams.UnlimitedWindows{}), "n", streams.EmitOnWindowClose())
		},
		"not made of windows: use UntilTimeLimit": func(in *words) {
			streams.Count(byKey(in), "n").Suppress(streams.UntilWindowCloses(streams.BufferConfig{}))
		},
		"set ShutDownWhenFull": func(in *words) {
			w := byKey(in).WindowedBy(streams.TimeWindows{Size: time.Minute})
			streams.CountWindows(w, "n").Suppress(streams.UntilWindowCloses(streams.BufferConfig{MaxRecords: 1}))
		},
		"use Suppress": func(in *words) {
			c := streams.Cogroup(byKey(in), joinAll)
			streams.AggregateCogroupedWindows(c, streams.TimeWindows{Size: time.Minute}, "n", empty, streams.String(),
				streams.EmitOnWindowClose())
		},
	} {
		b := streams.NewBuilder()
		describe(streams.Stream(b, "in", streams.String(), streams.String()))
		if _, err := b.Build(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
