package connecttest

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
)

// SourceCase is an outside system with a finite input, for [RunSource].
type SourceCase struct {
	// Props is the connector's configuration, with which it stops at the end of
	// the input.
	Props map[string]string
	// Want holds the values of all records of the input, as [TextOf] writes them,
	// those of a source partition in order.
	Want []string
	// Broken, if not nil, is a valid configuration with which a task cannot start
	// or poll, such as one with a file that does not exist.
	Broken map[string]string
}

// RunSource checks what every source connector promises: it plans no more tasks
// than allowed, reads its input to the end, continues after each of its offsets
// without a gap or a repetition, has offsets that survive JSON, returns from Poll
// when its context is done, and can be stopped after a failure. open returns a new
// outside system for each check.
func RunSource(t *testing.T, plugin connect.SourcePlugin, open func(t *testing.T) SourceCase) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, *sourceRig){
		"reads to the end":          sourceReadsAll,
		"goes on after each offset": sourceGoesOn,
		"offsets survive JSON":      sourceOffsets,
		"Poll ends when told":       sourcePollEnds,
		"stops after a failure":     sourceStopsAfterFailure,
	} {
		t.Run(name, func(t *testing.T) {
			check(t, &sourceRig{t: t, plugin: plugin, c: open(t)})
		})
	}
}

// sourceRig starts the tasks of one connector.
type sourceRig struct {
	t      *testing.T
	plugin connect.SourcePlugin
	c      SourceCase
}

// start plans and starts the tasks over the offsets in sc.
func (r *sourceRig) start(sc *SourceContext) []*Source {
	r.t.Helper()
	const allowed = 3
	connector := r.plugin.New()
	if err := connector.Start(r.t.Context(), Parse(r.t, r.plugin.Info, r.c.Props)); err != nil {
		r.t.Fatalf("start the connector: %v", err)
	}
	r.t.Cleanup(func() {
		if err := connector.Stop(); err != nil {
			r.t.Errorf("stop the connector: %v", err)
		}
	})
	plan, err := connector.TaskConfigs(allowed)
	if err != nil || len(plan) == 0 || len(plan) > allowed {
		r.t.Fatalf("TaskConfigs(%d) = %d tasks, %v", allowed, len(plan), err)
	}
	var tasks []*Source
	for _, changes := range plan {
		props := maps.Clone(r.c.Props)
		maps.Copy(props, changes)
		tasks = append(tasks, StartSource(r.t, r.plugin.Info, sc, connector.NewTask(), props))
	}
	return tasks
}

// read returns what is left of the input.
func (r *sourceRig) read(sc *SourceContext) (records []*connect.SourceRecord) {
	r.t.Helper()
	for _, task := range r.start(sc) {
		for more := true; more; {
			var some []*connect.SourceRecord
			some, more = task.Poll()
			records = append(records, some...)
		}
		task.Stop()
	}
	return records
}

func (r *sourceRig) valuesOf(records []*connect.SourceRecord) []string {
	r.t.Helper()
	out := []string{}
	for _, record := range records {
		text, err := TextOf(record.Value)
		if err != nil {
			r.t.Fatalf("value of the record at %v: %v", record.NextOffset(), err)
		}
		out = append(out, text)
	}
	return out
}

func sourceReadsAll(t *testing.T, r *sourceRig) {
	records := r.read(NewSourceContext())
	if got := r.valuesOf(records); !slices.Equal(got, r.c.Want) {
		t.Errorf("values = %q, want %q", got, r.c.Want)
	}
	for _, record := range records {
		if record.Topic == "" || record.SourcePartition == nil || record.NextOffset() == nil {
			t.Fatalf("record %+v lacks a topic, a source partition or a source offset", record)
		}
	}
}

func sourceGoesOn(t *testing.T, r *sourceRig) {
	records := r.read(NewSourceContext())
	for i := range records {
		sc := NewSourceContext()
		for _, done := range records[:i+1] {
			sc.Keep(done.SourcePartition, done.NextOffset())
		}
		if got, want := r.valuesOf(r.read(sc)), r.valuesOf(records[i+1:]); !slices.Equal(got, want) {
			t.Errorf("after offset %v came %q, want %q", records[i].NextOffset(), got, want)
		}
	}
}

func sourceOffsets(t *testing.T, r *sourceRig) {
	for _, record := range r.read(NewSourceContext()) {
		for _, m := range []map[string]any{record.SourcePartition, record.NextOffset()} {
			text, err := json.Marshal(m)
			var back map[string]any
			if err == nil {
				err = json.Unmarshal(text, &back)
			}
			if err != nil || !reflect.DeepEqual(slices.Sorted(maps.Keys(back)), slices.Sorted(maps.Keys(m))) {
				t.Fatalf("%v has no stable JSON form: %s, %v", m, text, err)
			}
		}
	}
}

func sourcePollEnds(t *testing.T, r *sourceRig) {
	for _, task := range r.start(NewSourceContext()) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		returned := make(chan struct{})
		go func() {
			defer close(returned)
			_, _ = task.Task.Poll(ctx) // records, no records and an error are all fine
		}()
		select {
		case <-returned:
		case <-time.After(time.Minute):
			t.Fatal("Poll does not return although its context is done")
		}
	}
}

func sourceStopsAfterFailure(t *testing.T, r *sourceRig) {
	if r.c.Broken == nil {
		return
	}
	connector := r.plugin.New()
	v := Parse(t, r.plugin.Info, r.c.Broken)
	err := connector.Start(t.Context(), v)
	if err == nil {
		task := connector.NewTask()
		if err = task.Start(t.Context(), NewSourceContext(), v); err == nil {
			_, err = task.Poll(t.Context())
		}
		if stopErr := task.Stop(); stopErr != nil {
			t.Errorf("Stop after %v = %v", err, stopErr)
		}
	}
	if err == nil || errors.Is(err, connect.ErrEndOfInput) {
		t.Errorf("a broken configuration gave %v, want an error", err)
	}
	if err := connector.Stop(); err != nil {
		t.Errorf("stop the connector: %v", err)
	}
}
