package task

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/streams/topology"
)

// The first of each kind is seen, whatever numbers and texts its reason has; the others
// are counted.
func TestFirstRejectionOfAKindIsLoggedAndTheOthersCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		x := NewRejections(slog.New(slog.NewTextHandler(&log, nil)))
		reject := func(offset int64, reason string) {
			x.add(&kgo.Record{Topic: "in", Partition: 3, Offset: offset},
				&topology.Rejection{Stage: topology.Processing, Err: errors.New(reason)})
		}
		lines := func(words ...string) (n int) {
			for l := range strings.Lines(log.String()) {
				if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(l, w) }) {
					n++
				}
			}
			return n
		}
		for i := range int64(5) {
			reject(i, fmt.Sprintf("line %d: no colon in %q", i, strings.Repeat("x", int(i))))
		}
		reject(9, "no field status")
		if got := lines(); got != 2 {
			t.Errorf("%d lines, want one for each kind:\n%s", got, &log)
		}
		if lines("level=WARN", "stage=processing", "record=in-3@0", "line 0: no colon") != 1 {
			t.Errorf("no line has the first record and its reason:\n%s", &log)
		}
		x.Flush(false)
		if got := lines(); got != 2 {
			t.Errorf("%d lines before the minute is over, want 2", got)
		}
		time.Sleep(rejectionSummary)
		x.Flush(false)
		if lines("more records were rejected", "topic=in", "count=4", "within=1m0s", "last=in-3@4") != 1 || lines() != 3 {
			t.Errorf("no summary of the four others after a minute, or too much:\n%s", &log)
		}
		reject(10, "line 7: no colon in \"\"")
		x.Flush(true)
		if lines("count=1", "last=in-3@10") != 1 {
			t.Errorf("no summary at the end:\n%s", &log)
		}
	})
}

// Reasons that are all different fill neither the log nor the memory.
func TestKindsOfRejectionsAreBounded(t *testing.T) {
	var log bytes.Buffer
	x := NewRejections(slog.New(slog.NewTextHandler(&log, nil)))
	for i := range 1000 {
		reason := "x" + strings.Repeat("a", i%180) + strings.Repeat("b", i/180)
		x.add(&kgo.Record{Topic: "in"}, &topology.Rejection{Stage: topology.Processing, Err: errors.New(reason)})
	}
	if got, want := strings.Count(log.String(), "\n"), rejectionKinds+1; got != want {
		t.Errorf("%d lines about 1000 reasons, want %d", got, want)
	}
}
