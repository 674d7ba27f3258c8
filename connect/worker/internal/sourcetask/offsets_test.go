package sourcetask

import (
	"fmt"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/worker/internal/counts"
)

// sent notes a record of a source partition.
func sent(t *testing.T, o *offsets, partition string, position int) *entry {
	t.Helper()
	st, err := o.stream(map[string]any{"filename": partition})
	if err != nil {
		t.Fatal(err)
	}
	return st.add(&connect.SourceRecord{SourceOffset: map[string]any{"position": position}})
}

// A task may have one source partition after the other, for instance a file for
// each day, and must not remember them all.
func TestSourcePartitionsAreForgottenOnceTheirOffsetsAreKept(t *testing.T) {
	o := newOffsets("src", &counts.Counters{})
	waits := sent(t, o, "waits", 1)
	for i := range 1000 {
		sent(t, o, fmt.Sprint(i), i).Ack()
	}
	o.collect()
	if got := len(o.beginFlush()); got != 1000 {
		t.Errorf("%d offsets to keep, want those of the 1000 partitions that are acknowledged", got)
	}
	if got := len(o.streams); got != 1 {
		t.Errorf("%d source partitions are remembered, want the one that waits", got)
	}
	sent(t, o, "7", 8).Ack()
	waits.Ack()
	entries := o.beginFlush()
	o.cancelFlush(entries)
	if again := o.beginFlush(); len(entries) != 2 || len(again) != 2 || len(o.streams) != 0 || o.pending() != 0 {
		t.Errorf("kept %v, and after the store refused it %v with %d partitions left, want two twice and none left",
			entries, again, len(o.streams))
	}
}

func TestATaskWaitsForRecordsOnTheirWayWhenTheyAreMany(t *testing.T) {
	o := newOffsets("src", &counts.Counters{})
	first := sent(t, o, "a", 0)
	for i := range mostWaiting {
		sent(t, o, "a", i).Ack()
	}
	if o.collect(); !o.crowded() {
		t.Errorf("%d records behind one that waits are not too many, want at most %d", o.pending(), mostWaiting)
	}
	first.Ack()
	if o.collect(); o.crowded() {
		t.Errorf("%d records are too many, want none left", o.pending())
	}
	for i := range mostStreams + 1 {
		sent(t, o, fmt.Sprint(i), i).Ack()
	}
	if o.collect(); !o.crowded() {
		t.Errorf("%d source partitions are not too many, want at most %d", len(o.streams), mostStreams)
	}
	if o.beginFlush(); o.crowded() {
		t.Errorf("%d source partitions are too many after a commit, want none left", len(o.streams))
	}
}

// askedFor is a position that counts how often it was asked for.
type askedFor struct{ asked *int }

func (c askedFor) SourceOffset() map[string]any {
	*c.asked++
	return map[string]any{"position": 1000}
}

func TestOnlyOffsetsThatAreKeptAreMade(t *testing.T) {
	o, asked := newOffsets("src", &counts.Counters{}), 0
	st, err := o.stream(map[string]any{"filename": "a"})
	if err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		st.add(&connect.SourceRecord{Position: askedFor{&asked}}).Ack()
	}
	if got := o.beginFlush(); len(got) != 1 || got[0].Offset["position"] != 1000 {
		t.Errorf("to keep: %v, want what the last position makes", got)
	}
	if asked != 1 {
		t.Errorf("%d offsets were made for 1000 records that are kept together, want 1", asked)
	}
}
