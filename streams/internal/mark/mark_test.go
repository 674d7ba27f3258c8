package mark_test

import (
	"maps"
	"testing"

	"github.com/suiro/suiro/streams/internal/mark"
	"github.com/suiro/suiro/streams/internal/task"
)

// The texts are those of TopicPartitionMetadata.encode of Kafka Streams.
func TestMarksAreWrittenAsKafkaStreamsDoes(t *testing.T) {
	for _, tt := range []struct {
		text string
		time int64
		kept map[string]int64
	}{
		{"AgAAAAAAAAAF", 5, nil},
		{"Av//////////", task.NoStreamTime, nil},
		{"AgAAAX/1cgAA", 1649090363392, nil},
		{"AgAAAAAAAAAHAAAAAQAAAAFrAAAAAAAAAAk=", 7, map[string]int64{"k": 9}},
		{"AgAAAAAAAAAHAAAAAgAAAAFrAAAAAAAAAAkAAAACc3T//////////w==", 7, map[string]int64{"k": 9, "st": -1}},
	} {
		m := mark.Parse(tt.text)
		if m.Time != tt.time || !maps.Equal(m.Processors, tt.kept) || m.String() != tt.text {
			t.Errorf("%s is the time %d with %v and written as %s, want %d with %v", tt.text, m.Time, m.Processors, m, tt.time,
				tt.kept)
		}
	}
}

// Earlier versions of the client wrote the id of the member.
func TestMarksOfOthersAreNone(t *testing.T) {
	for _, text := range []string{"", "app-1-6c0d", "AgAA", "CQAAAAAAAAAF", "AQAAAAAAAAAF"} {
		want := int64(task.NoStreamTime)
		if text == "AQAAAAAAAAAF" { // the first version of Kafka Streams
			want = 5
		}
		if got := mark.Parse(text).Time; got != want {
			t.Errorf("%q is the time %d, want %d", text, got, want)
		}
	}
}

// Whoever may commit offsets of the group chooses the text.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"", "AgAAAAAAAAAF", "AgAAAAAAAAAHAAAAAQAAAAFrAAAAAAAAAAk=", "AgAAAAAAAAAH/////wAAAAFr"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m := mark.Parse(text)
		again := mark.Parse(m.String())
		if again.Time != m.Time || !maps.Equal(again.Processors, m.Processors) {
			t.Errorf("%q is %+v, and %+v once it was written", text, m, again)
		}
	})
}
