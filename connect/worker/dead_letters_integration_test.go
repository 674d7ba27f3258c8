//go:build integration

package worker_test

import (
	"context"
	"testing"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// A real Kafka also looks at times, and at keys in a compacted topic.
func TestDeadLettersAlwaysFitOnARealKafka(t *testing.T) {
	for name, configs := range deadLetterTopics() {
		t.Run(name, func(t *testing.T) {
			address, suffix := realKafka(t)
			run := "letters-" + suffix
			admin := admin(kafkatest.Client(t, []string{address}))
			t.Cleanup(func() { _, _ = admin.DeleteTopics(context.Background(), run+"-in", run+"-bad") })
			testDeadLettersFit(t, address, run, configs)
		})
	}
}

func TestDeadLettersOfASourceAlwaysFitOnARealKafka(t *testing.T) {
	small, minute := "900", "60000"
	for name, more := range guarantees() {
		t.Run(name, func(t *testing.T) {
			address, suffix := realKafka(t)
			run, offsets := "letters-"+suffix, "offsets-"+suffix
			admin := admin(kafkatest.Client(t, []string{address}))
			t.Cleanup(func() { _, _ = admin.DeleteTopics(context.Background(), run+"-lines", run+"-bad", offsets) })
			if more = merged(more); more["offset.storage.topic"] != "" {
				more["group.id"], more["offset.storage.topic"], more["offset.storage.replication.factor"] = "w-"+suffix, offsets, "1"
			}
			strict := map[string]*string{"max.message.bytes": &small, "message.timestamp.after.max.ms": &minute}
			testDeadLettersOfASourceFit(t, address, run, strict, strict, more)
		})
	}
}
