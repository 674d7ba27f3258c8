package thread

import (
	"bytes"
	"testing"

	"github.com/suiro/suiro/streams/internal/task"
)

func TestMarksAreWrittenAsKafkaStreamsDoes(t *testing.T) {
	for _, tt := range []struct {
		text string // TopicPartitionMetadata.encode
		time int64
	}{
		{"AgAAAAAAAAAF", 5},
		{"Av//////////", task.NoStreamTime},
		{"AgAAAX/1cgAA", 1649090363392},
	} {
		m := parseMark(tt.text)
		if m.time != tt.time || m.String() != tt.text {
			t.Errorf("%s is the time %d and written as %s, want %d", tt.text, m.time, m, tt.time)
		}
	}
	kept := mark{time: 7, processors: []byte{0, 0, 0, 1, 0, 0, 0, 1, 'k', 0, 0, 0, 0, 0, 0, 0, 9}}
	if got := parseMark(kept.String()); got.time != 7 || !bytes.Equal(got.processors, kept.processors) {
		t.Errorf("what processors keep became %v, want %v", got, kept)
	}
}

// Earlier versions of the client wrote the id of the member.
func TestMarksOfOthersAreNone(t *testing.T) {
	for _, text := range []string{"", "app-1-6c0d", "AgAA", "CQAAAAAAAAAF", "AQAAAAAAAAAF"} {
		want := int64(task.NoStreamTime)
		if text == "AQAAAAAAAAAF" { // the first version of Kafka Streams
			want = 5
		}
		if got := parseMark(text).time; got != want {
			t.Errorf("%q is the time %d, want %d", text, got, want)
		}
	}
}
