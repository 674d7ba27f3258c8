//go:build integration

package rawproducer_test

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A real Kafka has the last word on what may be in a transaction, and on who has been fenced.
func TestTransactionsWithBatchesOnARealKafka(t *testing.T) {
	brokers, suffix := kafkatest.Real(t), strings.ToLower(rand.Text()[:8])
	topic, offsets := "batches-"+suffix, "batch-offsets-"+suffix
	adm := kadm.NewClient(kafkatest.Client(t, brokers))
	if _, err := adm.CreateTopics(t.Context(), 1, 1, nil, topic, offsets); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = adm.DeleteTopics(context.Background(), topic, offsets) })

	w := newWriter(t, brokers, "tx-"+suffix, 1<<20)
	w.topic = topic
	w.commitThree(t, offsets)
	w.begin(t)
	if err := w.write(t, 0, "aborted"); err != nil { // in a transaction of batches alone
		t.Fatal(err)
	}
	w.settled(t, 7)
	if err := w.Abort(t.Context()); err != nil {
		t.Fatal(err)
	}

	next := newWriter(t, brokers, "tx-"+suffix, 1<<20)
	next.topic = topic
	if err := next.client.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	next.begin(t)
	if err := next.write(t, 0, "fenced"); err != nil {
		t.Fatal(err)
	}
	next.settled(t, 1)
	newWriter(t, brokers, "tx-"+suffix, 1<<20)
	if err := next.write(t, 0, "late"); err != nil {
		t.Fatal(err)
	}
	if err := <-next.failed; errors.Is(err, kerr.OutOfOrderSequenceNumber) {
		t.Errorf("a fenced producer fails with %v, want that of a fenced one", err)
	}
	if err := next.Abort(t.Context()); !errors.Is(err, kerr.ProducerFenced) {
		t.Errorf("Abort() of a fenced producer = %v, want ProducerFenced", err)
	}

	kafkatest.Produce(t, brokers, &kgo.Record{Topic: topic, Value: []byte("behind")})
	if got, want := kafkatest.Values(kafkatest.Consume(t, brokers, topic, 13)), append(twice(6), "behind"); !slices.Equal(got, want) {
		t.Errorf("readers see %v, want %v", got, want)
	}
}
