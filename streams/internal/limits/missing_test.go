package limits

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
)

// A topic that is missing is waited for, not without end, and anew when it has been there again.
func TestMissingTopicsAreWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topics := New(1000)
		unknown := fmt.Errorf("produce: %w", kerr.UnknownTopicOrPartition)
		miss := func(topic string, wait time.Duration, over bool) {
			t.Helper()
			time.Sleep(wait)
			err := topics.Missing(topic, unknown)
			if over == errors.Is(err, kerr.UnknownTopicOrPartition) {
				t.Errorf("after %v the error for %s is %v, want it to end the app: %v", wait, topic, err, over)
			}
			for _, want := range []string{"topic " + topic, "task.timeout.ms (5m0s)", "kafka-topics.sh --create --topic " + topic} {
				if over && !strings.Contains(err.Error(), want) {
					t.Errorf("the error is %v, want %q in it", err, want)
				}
			}
		}
		miss("gone", 0, false)
		for range 4 {
			miss("gone", time.Minute, false)
		}
		miss("other", 0, false)
		miss("gone", time.Minute, true)
		miss("gone", time.Minute, true)
		miss("gone", time.Hour, false) // it was there meanwhile
		miss("gone", time.Minute, false)
	})
}

// Other errors are no reason, and neither is a topic without limits.
func TestOtherErrorsAreNotOfMissingTopics(t *testing.T) {
	topics := New(1000)
	topics.SetPatience(0)
	for _, err := range []error{kerr.NotLeaderForPartition, errors.New("away")} {
		if got := topics.Missing("out", err); !errors.Is(got, err) {
			t.Errorf("Missing(%v) = %v, want it as it is", err, got)
		}
	}
	if err := (*Topics)(nil).Missing("out", kerr.UnknownTopicOrPartition); !errors.Is(err, kerr.UnknownTopicOrPartition) {
		t.Errorf("without limits the error is %v", err)
	}
}
