//go:build integration

package kafka_test

import (
	"context"
	"strings"
	"testing"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/servicetest"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// kind is a client of a process of its own, and what it does all the time.
type kind struct {
	name string
	opts []kgo.Opt
	work func(context.Context, *kgo.Client)
	log  *lines
}

func kinds() []*kind {
	poll := func(ctx context.Context, cl *kgo.Client) { cl.PollFetches(ctx) }
	write := func(ctx context.Context, cl *kgo.Client) {
		cl.ProduceSync(ctx, &kgo.Record{Topic: "t", Value: []byte("v")})
	}
	transact := func(ctx context.Context, cl *kgo.Client) {
		if cl.BeginTransaction() == nil {
			write(ctx, cl)
			cl.EndTransaction(ctx, kgo.TryCommit)
		}
	}
	wait := func(ctx context.Context, _ *kgo.Client) { <-ctx.Done() }
	return []*kind{
		{"idle", nil, wait, &lines{}},
		{"producer", nil, write, &lines{}},
		{"transactions", []kgo.Opt{kgo.TransactionalID("x")}, transact, &lines{}},
		{"fetches", []kgo.Opt{kgo.ConsumeTopics("t")}, poll, &lines{}},
		{"group", []kgo.Opt{kgo.ConsumeTopics("t"), kgo.ConsumerGroup("g")}, poll, &lines{}},
		{"group that reads nothing", []kgo.Opt{kgo.ConsumeTopics("empty"), kgo.ConsumerGroup("h")}, poll, &lines{}},
	}
}

func TestAKilledBrokerIsOneWarningAndOneEnd(t *testing.T) {
	own := servicetest.Own(t)
	own.Run("kafka.sh", "up")
	brokers := []string{own.Kafka()}
	if _, err := kadm.NewClient(kafkatest.Client(t, brokers)).CreateTopics(t.Context(), 2, 1, nil, "t", "empty"); err != nil {
		t.Fatal(err)
	}
	all := kinds()
	for _, k := range all {
		b := kafka.NewBrokers(k.log.logger())
		cl := kafkatest.Client(t, brokers, append(k.opts, b.Opt(), kafka.Logger(k.log.logger()))...)
		go func() {
			for t.Context().Err() == nil {
				k.work(t.Context(), cl)
			}
		}()
		kafkatest.Eventually(t, k.name+": an answer", func() bool { ok, _, _ := b.State(); return ok })
	}
	own.Run("kafka.sh", "kill")
	for _, k := range all {
		kafkatest.Eventually(t, k.name+": the warning, and many tries after it", func() bool {
			return len(k.log.with("level=WARN")) > 0 && len(k.log.with("unable to open connection")) > 15
		})
	}
	own.Run("kafka.sh", "up")
	for _, k := range all {
		kafkatest.Eventually(t, k.name+": the end", func() bool { return len(k.log.with("level=INFO")) > 0 })
		got := k.log.loud()
		if len(got) != 2 || len(k.log.with(`level=WARN msg="kafka cannot be reached, trying again"`)) != 1 ||
			len(k.log.with(`level=INFO msg="kafka can be reached again"`)) != 1 {
			t.Errorf("%s: the log has %d lines, want a warning and an end:\n%s", k.name, len(got), strings.Join(got, ""))
		}
	}
}
