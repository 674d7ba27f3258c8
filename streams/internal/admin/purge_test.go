package admin

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// What has expired is deleted, and asked for once.
func TestExpiredRecordsAreDeleted(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(1, "app-counts-changelog"))
	adm := kadm.NewClient(kafkatest.Client(t, c.ListenAddrs()))
	for i := range 10 {
		kafkatest.Produce(t, c.ListenAddrs(), &kgo.Record{Topic: "app-counts-changelog", Value: fmt.Appendf(nil, "%d", i)})
	}
	requests := 0
	c.ControlKey(kmsg.DeleteRecords.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		requests++
		return nil, nil, false
	})
	below := int64(0)
	p := &Purger{Log: slog.New(slog.DiscardHandler),
		Expired: func(each func(topic string, partition int32, below int64)) { each("app-counts-changelog", 0, below) }}
	for _, below = range []int64{4, 4, 7} {
		if err := p.expire(t.Context(), adm); err != nil {
			t.Fatal(err)
		}
	}
	starts, err := adm.ListStartOffsets(t.Context(), "app-counts-changelog")
	if err != nil {
		t.Fatal(err)
	}
	if o, _ := starts.Lookup("app-counts-changelog", 0); o.Offset != 7 {
		t.Errorf("the changelog begins at %d, want 7", o.Offset)
	}
	if requests != 2 {
		t.Errorf("%d requests, want one for each offset", requests)
	}
}

// A topic that may only be compacted is named once, with what to set.
func TestATopicThatIsOnlyCompactedIsNamedOnce(t *testing.T) {
	var log strings.Builder
	p := &Purger{Log: slog.New(slog.NewTextHandler(&log, nil))}
	for range 2 {
		p.refuse("app-counts-changelog")
	}
	if got := strings.Count(log.String(), "cleanup.policy=compact,delete"); got != 1 {
		t.Errorf("the log names the configuration %d times, want once:\n%s", got, log.String())
	}
}
