package app_test

import (
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// late reports whether a record of a batch is more than two hours old.
func late(b []byte) bool {
	var batch kmsg.RecordBatch
	return batch.ReadFrom(b) == nil && time.UnixMilli(batch.FirstTimestamp).Before(time.Now().Add(-2*time.Hour))
}

// An internal topic that is there already, as one that Kafka Streams has made, may have bounds of
// timestamps. What it refuses is rejected, and does not end the app at every start.
func TestInternalTopicsThatRefuseTimesDoNotEndTheApp(t *testing.T) {
	const changelog, repartition = "test-app-counts-changelog", "test-app-by-key-repartition"
	const after, before = "message.timestamp.after.max.ms", "message.timestamp.before.max.ms"
	ahead, old := time.Now().Add(3*time.Hour), time.Now().Add(-3*time.Hour)
	for name, tt := range map[string]struct {
		topic, bound string
		wrong        func(batch []byte) bool
		at           time.Time
	}{
		"a changelog that takes nothing far ahead":         {changelog, after, early, ahead},
		"a changelog that takes nothing old":               {changelog, before, late, old},
		"a repartition topic that takes nothing far ahead": {repartition, after, early, ahead},
		"a repartition topic that takes nothing old":       {repartition, before, late, old},
	} {
		t.Run(name, func(t *testing.T) {
			c := kafkatest.Start(t, kfake.SeedTopics(1, "in"))
			hour := "3600000"
			adm := kadm.NewClient(kafkatest.Client(t, c.ListenAddrs()))
			if _, err := adm.CreateTopic(t.Context(), 1, 1, map[string]*string{tt.bound: &hour}, tt.topic); err != nil {
				t.Fatal(err)
			}
			refused := refuse(c, tt.topic, kerr.InvalidTimestamp.Code, tt.wrong)
			app, stop := start(t, counts(t), c.ListenAddrs(), t.TempDir(), map[string]string{
				"errors.dead.letter.queue.topic.name": "dlq", "compression.type": "none"})
			kafkatest.Produce(t, c.ListenAddrs(), &kgo.Record{Topic: "in", Key: []byte("k"), Timestamp: tt.at})
			dead := headersOf(kafkatest.Consume(t, c.ListenAddrs(), "dlq", 1)[0])["__streams.errors.message"]
			for _, want := range []string{tt.bound, tt.topic} {
				if !strings.Contains(dead, want) {
					t.Errorf("dead letter %q, want one with %q", dead, want)
				}
			}
			kafkatest.Produce(t, c.ListenAddrs(), &kgo.Record{Topic: "in", Key: []byte("k"), Timestamp: time.Now()})
			kafkatest.Eventually(t, "the other record is counted", func() bool { return total(t, app) == 1 })
			if refused.Load() == 0 {
				t.Error("the broker refused nothing")
			}
			if err := stop(); err != nil {
				t.Fatal(err)
			}
		})
	}
}
