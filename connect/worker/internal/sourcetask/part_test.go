package sourcetask

import (
	"testing"

	"github.com/suiro/suiro/connect"
)

// Of a record that was split, nothing counts before the last of its parts.
func TestAnOffsetWaitsForAllParts(t *testing.T) {
	record := func(n int) *connect.SourceRecord {
		return &connect.SourceRecord{SourceOffset: map[string]any{"n": n}}
	}
	st := &stream{}
	whole := partOf(st.add(record(1)), 1)
	split := partOf(st.add(record(2)), 3)
	after := partOf(st.add(record(3)), 1)
	after.ack()
	whole.ack()
	for acked := range 3 {
		if st.take(); st.latest["n"] != 1 {
			t.Fatalf("with %d of 3 parts acknowledged it goes on after %v, want record 1", acked, st.latest)
		}
		split.ack()
	}
	if st.take(); st.latest["n"] != 3 {
		t.Errorf("with all parts acknowledged it goes on after %v, want record 3", st.latest)
	}
}

func TestARecordIsRejectedForOneOfItsParts(t *testing.T) {
	st := &stream{}
	split, whole := partOf(st.add(&connect.SourceRecord{}), 2), partOf(st.add(&connect.SourceRecord{}), 1)
	if split.reject() || !split.reject() || whole.reject() {
		t.Error("want one rejection for all parts, and one for a record that was not split")
	}
}
