package deadletter_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/suiro/suiro/internal/deadletter"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

func TestARefusedLetterBecomesSmallerDownToItsCoordinates(t *testing.T) {
	tries := letter(2000, 2000, 5000, 500_000, 5000).Tries(1_000_000)
	sizes := []int{deadletter.Size(tries.Record())}
	for tries.Refused(fmt.Errorf("produce: %w", kerr.MessageTooLarge)) {
		sizes = append(sizes, deadletter.Size(tries.Record()))
	}
	if !slices.IsSortedFunc(sizes, func(a, b int) int { return b - a }) || len(sizes) < 5 || len(sizes) > 20 {
		t.Errorf("sizes = %v, want about a dozen, each smaller", sizes)
	}
	if got, want := shape(tries.Record()), "key 0 value 0"+where; got != want {
		t.Errorf("last try = %s, want %s", got, want)
	}
}

func TestALetterWhoseTimeIsRefusedHasTheTimeOfWriting(t *testing.T) {
	l := letter(10, 10, 10, 10)
	l.Record.Timestamp = time.UnixMilli(99_999_999_999_999)
	tries := l.Tries(1_000_000)
	if !tries.Refused(kerr.InvalidTimestamp) || !tries.Record().Timestamp.IsZero() {
		t.Errorf("time = %v, want none", tries.Record().Timestamp)
	}
	if got := header(tries.Record(), "e.timestamp.changed.from"); got != "99999999999999" {
		t.Errorf("the header has the time %q, want the record's", got)
	}
	tries.Record().Timestamp = time.Now() // as the client does
	if tries.Refused(kerr.InvalidTimestamp) {
		t.Error("the time of writing is changed again")
	}
}

func TestALetterWithoutAKeyGetsOneForATopicThatNeedsIt(t *testing.T) {
	l := letter(10, 10, 10, 10)
	l.Record.Key = nil
	tries := l.Tries(1_000_000)
	if !tries.Refused(kerr.InvalidRecord) || string(tries.Record().Key) != "in 3 12" {
		t.Errorf("key = %q, want the coordinates", tries.Record().Key)
	}
	if got := header(tries.Record(), "e.key.changed.from"); got != "null" {
		t.Errorf("the header says that the key was %q, want null", got)
	}
	if tries.Refused(kerr.InvalidRecord) {
		t.Error("the key is changed again")
	}
}

func TestOtherRefusalsAreNotTheLettersFault(t *testing.T) {
	tries := letter(10, 10, 10, 10).Tries(1_000_000)
	for _, err := range []error{kerr.TopicAuthorizationFailed, errors.New("closed"), nil} {
		if tries.Refused(err) {
			t.Errorf("Refused(%v) = true, want false", err)
		}
	}
}

func header(r *kgo.Record, key string) string {
	for _, h := range r.Headers {
		if h.Key == key {
			return string(h.Value)
		}
	}
	return ""
}
