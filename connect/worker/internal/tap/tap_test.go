package tap

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/twmb/franz-go/pkg/kgo"
)

// record passes a sink's stages at a point, which nobody may tap; it reports whether
// somebody did.
func record(p *Point, offset int64, value string) bool {
	t := p.Begin()
	if t == nil {
		return false
	}
	t.Consumed(&kgo.Record{Topic: "in", Offset: offset, Value: []byte(value)})
	r := &connect.Record{Topic: "in", Offset: offset, Value: connect.Decoded(nil, value)}
	t.Decoded(r)
	t.Transformed("same", r, r)
	t.Transformed("drop", r, nil)
	t.End(nil)
	return true
}

// shown is a list of stages in short.
func shown(list []api.TappedRecord) string {
	var b strings.Builder
	for _, s := range list {
		fmt.Fprintf(&b, "%d/%d:%s%s%s=%s ", s.Task, s.Record, s.Stage, s.Transform, s.Outcome, s.Value)
	}
	return b.String()
}

func TestATapShowsRecordsAtEachStage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHub()
		points := []*Point{NewPoint(0, testMask()), NewPoint(1, testMask())}
		var removes []func()
		for _, p := range points {
			removes = append(removes, h.Add("snk", p))
		}
		if record(points[0], 1, "a") {
			t.Error("a record was taken although nobody taps")
		}
		answers := make(chan api.Tapped)
		go func() {
			answers <- h.Tap(t.Context(), "snk", api.TapRequest{Task: 1, Records: 2, Wait: time.Minute})
		}()
		synctest.Wait()
		if record(points[0], 1, "a") || !record(points[1], 2, "b") || record(points[1], 3, "c") {
			t.Error("not the first record of task 1 alone was taken, of those that came at the same time")
		}
		<-time.After(pause)
		record(points[1], 4, "d")
		got := <-answers
		want := `1/1:consumed="b" 1/1:converted="b" 1/1:transformedsameunchanged="b" 1/1:transformeddropdropped=null ` +
			`1/2:consumed="d" 1/2:converted="d" 1/2:transformedsameunchanged="d" 1/2:transformeddropdropped=null `
		if text := shown(got.Stages); text != want || fmt.Sprint(got.Tasks) != "[1]" {
			t.Errorf("Tap = %v %s, want tasks [1] and %s", got.Tasks, text, want)
		}
		if record(points[1], 5, "e") {
			t.Error("a record was taken after the tap has ended")
		}
		removes[0]()
		removes[1]()
		if got := h.Tap(t.Context(), "snk", api.TapRequest{Task: -1, Records: 1, Wait: time.Hour}); len(got.Tasks) != 0 {
			t.Errorf("tasks %v are tapped after they have gone", got.Tasks)
		}
	})
}

func TestATapEndsWithoutAllRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHub()
		p := NewPoint(0, testMask())
		h.Add("snk", p)
		for _, c := range []struct {
			name    string
			records []string
			wait    time.Duration // after which it ends
			stages  int
		}{
			{"nothing comes", nil, time.Minute, 0},
			{"one comes", []string{"a"}, gather, 4},
			{"a large one comes", []string{strings.Repeat("x", maxShown)}, gather, 4},
		} {
			answers := make(chan api.Tapped)
			began := time.Now()
			go func() {
				answers <- h.Tap(t.Context(), "snk", api.TapRequest{Task: -1, Records: 100, Wait: time.Minute})
			}()
			synctest.Wait()
			for _, r := range c.records {
				record(p, 1, r)
			}
			got := <-answers
			if took := time.Since(began); took != c.wait || len(got.Stages) != c.stages {
				t.Errorf("%s: Tap has %d stages after %v, want %d after %v", c.name, len(got.Stages), took, c.stages, c.wait)
			}
		}
	})
}

// However many records come, and however many tap, memory is bounded.
func TestTapsAreBounded(t *testing.T) {
	c := newCollector(api.TapRequest{Task: -1, Records: 1 << 20})
	p := NewPoint(0, testMask())
	p.change(c, true)
	for range 10_000 {
		c.next = time.Time{}
		record(p, 1, strings.Repeat("x", 10*maxShown))
	}
	if c.bytes > maxBytes+3*maxShown {
		t.Errorf("a tap holds %d bytes, want about %d at most", c.bytes, maxBytes)
	}
	synctest.Test(t, func(t *testing.T) {
		h := NewHub()
		h.Add("snk", NewPoint(0, testMask()))
		ctx, cancel := context.WithCancel(t.Context())
		for range maxTaps {
			go h.Tap(ctx, "snk", api.TapRequest{Task: -1, Records: 1, Wait: time.Hour})
		}
		synctest.Wait()
		if got := h.Tap(t.Context(), "snk", api.TapRequest{Task: -1, Records: 1, Wait: time.Second}); len(got.Tasks) != 0 {
			t.Errorf("one tap more than %d is open on tasks %v", maxTaps, got.Tasks)
		}
		cancel()
		synctest.Wait()
		if got := h.Tap(t.Context(), "snk", api.TapRequest{Task: -1, Records: 1, Wait: time.Second}); len(got.Tasks) != 1 {
			t.Errorf("tasks %v are tapped once the others have gone, want one", got.Tasks)
		}
	})
}

// With one stage asked for, what has failed is shown all the same.
func TestARecordThatFailsIsShown(t *testing.T) {
	c := newCollector(api.TapRequest{Stage: api.StageTransformed, Task: -1, Records: 1})
	p := NewPoint(0, testMask())
	p.change(c, true)
	trace := p.Begin()
	trace.Polled(&connect.SourceRecord{Record: connect.Record{Value: connect.Decoded(nil, "x")}})
	trace.End(errors.New("no field hunter2"))
	got := c.take()
	if len(got) != 1 || got[0].Outcome != failed || got[0].Error != "no field [hidden]" {
		t.Errorf("stages = %+v, want the failure alone, without the secret", got)
	}
}
