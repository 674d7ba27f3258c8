package limits

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// What a topic takes is learned once, also when several threads meet it with records that they have
// made before it was known. A record that was made afterwards, and is refused all the same, tells
// something new or nothing.
func TestLimitsAreLearnedOnce(t *testing.T) {
	adm := kadm.NewClient(kafkatest.Client(t, kafkatest.Start(t, kfake.SeedTopics(1, "out")).ListenAddrs()))
	for name, tt := range map[string]struct {
		err       error
		bytes     int  // after all
		narrowing bool // a later refusal makes the limit narrower
	}{
		"a timestamp":  {kerr.InvalidTimestamp, 100_000, false},
		"no key":       {kerr.InvalidRecord, 100_000, false},
		"a large size": {kerr.MessageTooLarge, 25_000, true},
		"no record":    {kerr.TopicAuthorizationFailed, 100_000, true},
	} {
		topics, before := New(100_000), time.Now()
		learn := func(since time.Time) bool {
			return topics.Learn(t.Context(), adm, &Refusal{Topic: "out", Err: tt.err}, since)
		}
		if !learn(before) {
			t.Errorf("%s: the first refusal teaches nothing", name)
		}
		if !learn(before) {
			t.Errorf("%s: the refusal of a record that was made before the first one does not let it come again", name)
		}
		if got := learn(time.Now()); got != tt.narrowing {
			t.Errorf("%s: Learn of a record that was made afterwards = %v, want %v", name, got, tt.narrowing)
		}
		if got := topics.Bytes("out"); got != tt.bytes {
			t.Errorf("%s: the topic takes %d bytes, want %d", name, got, tt.bytes)
		}
	}
}
