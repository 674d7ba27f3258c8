package tally

import (
	"context"
	"testing"
	"time"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func TestTallyCountsCommittedRecordsOnly(t *testing.T) {
	fake := kafkatest.Start(t, kfake.SeedTopics(1, "t"))
	opts := []kgo.Opt{kgo.SeedBrokers(fake.ListenAddrs()...)}
	producer, err := kgo.NewClient(append(opts, kgo.TransactionalID("x"), kgo.DefaultProduceTopic("t"))...)
	if err != nil {
		t.Fatal(err)
	}
	defer producer.Close()
	for i, end := range []kgo.TransactionEndTry{kgo.TryCommit, kgo.TryAbort, kgo.TryCommit} {
		if err := producer.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		for range 3 + i {
			if err := producer.ProduceSync(t.Context(), kgo.StringRecord("v")).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
		if err := producer.EndTransaction(t.Context(), end); err != nil {
			t.Fatal(err)
		}
	}
	tally, err := Open(opts, []string{"t"}, map[string]int{"t": 2})
	if err != nil {
		t.Fatal(err)
	}
	defer tally.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := tally.CatchUp(ctx); err != nil {
		t.Fatal(err)
	}
	if got, want := tally.Records("t"), int64(3+5); got != want {
		t.Errorf("tally counts %d records, want %d", got, want)
	}
	if got, want := len(tally.Remembered("t")), 2; got != want {
		t.Errorf("tally remembers %d records, want %d", got, want)
	}
	// 0-2 | commit 3 | 4-7 aborted | abort 8 | 9-13 | commit 14
	c := tally.topics["t"][0]
	for offset, want := range map[int64]int64{0: 0, 2: 2, 3: 3, 4: 3, 8: 3, 9: 3, 10: 4, 14: 8, 15: 8, 99: 8} {
		if got := c.below(offset); got != want {
			t.Errorf("below(%d) = %d, want %d", offset, got, want)
		}
	}
}

func TestTallyWaitsForATopicThatABrokerDoesNotKnowYet(t *testing.T) {
	fake := kafkatest.Start(t, kfake.SeedTopics(1, "t"))
	tally, err := Open([]kgo.Opt{kgo.SeedBrokers(fake.ListenAddrs()...)}, []string{"t"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tally.Close()
	asked := 0
	fake.ControlKey(kmsg.ListOffsets.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
		if r := req.(*kmsg.ListOffsetsRequest); r.Topics[0].Partitions[0].Timestamp != -1 {
			return nil, nil, false // not for the end
		}
		fake.KeepControl()
		if asked++; asked > 2 {
			return nil, nil, false
		}
		resp := req.ResponseKind().(*kmsg.ListOffsetsResponse)
		topic, p := kmsg.NewListOffsetsResponseTopic(), kmsg.NewListOffsetsResponseTopicPartition()
		topic.Topic, p.ErrorCode = "t", kerr.UnknownTopicOrPartition.Code
		topic.Partitions = append(topic.Partitions, p)
		resp.Topics = append(resp.Topics, topic)
		return resp, nil, true
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := tally.CatchUp(ctx); err != nil {
		t.Errorf("CatchUp = %v, want nil once the topic is known", err)
	}
	if asked < 3 {
		t.Errorf("asked %d times for the end, want another time after each error", asked)
	}
}
