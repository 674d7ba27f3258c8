package worker_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// load produces n records over the partitions until all are written.
func (k *kafka) load(topic string, partitions, n int) <-chan error {
	done := make(chan error, 1)
	go func() {
		for i := range n {
			r := &kgo.Record{Topic: topic, Partition: int32(i % partitions), Value: fmt.Appendf(nil, `{"n":%d}`, i)}
			if err := k.cl.ProduceSync(context.Background(), r).FirstErr(); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	return done
}

func TestOrderlyRebalancesRepeatAndLoseNothing(t *testing.T) {
	const partitions, records = 4, 6000
	k := startKafka(t, partitions, "in")
	v := connecttest.NewValidator()
	v.ExactlyOnce = true
	var delivered atomic.Int64
	member := func() *sink {
		return &sink{
			put: func(_ *sink, records []*connect.SinkRecord) error {
				for _, r := range records {
					v.Delivered(r.TopicPartition(), r.Offset)
					delivered.Add(1)
				}
				return nil
			},
			preCommit: func(_ *sink, current connect.Offsets) (connect.Offsets, error) {
				v.Committed(current)
				return current, nil
			},
		}
	}
	loaded := k.load("in", partitions, records)
	first := startConnector(t, startWorker(t, k.addr(), member().plugin(), nil), sinkProps())
	kafkatest.Eventually(t, "some records", func() bool { return delivered.Load() > records/10 })
	second := startConnector(t, startWorker(t, k.addr(), member().plugin(), nil), sinkProps())
	kafkatest.Eventually(t, "both at work", func() bool { return second.Counts().Partitions == partitions/2 && second.Counts().Written > 0 })
	stop(t, first)
	kafkatest.Eventually(t, "the second to own all", func() bool { return second.Counts().Partitions == partitions })
	startConnector(t, startWorker(t, k.addr(), member().plugin(), nil), sinkProps())
	if err := <-loaded; err != nil {
		t.Fatal(err)
	}
	kafkatest.Eventually(t, "all records", func() bool { return delivered.Load() >= records })
	end := connect.Offsets{}
	for p := range int32(partitions) {
		end[connect.TopicPartition{Topic: "in", Partition: p}] = records / partitions
	}
	for _, violation := range v.Finish(end) {
		t.Error(violation)
	}
}

func TestRetryingTaskLetsPartitionsGo(t *testing.T) {
	k := startKafka(t, 2, "in")
	if err := <-k.load("in", 2, 20); err != nil {
		t.Fatal(err)
	}
	var away atomic.Bool
	away.Store(true)
	busy := &sink{put: func(s *sink, records []*connect.SinkRecord) error {
		if len(records) > 0 && away.Load() {
			return connect.Retriable(errors.New("outside is away"))
		}
		return s.keep(records)
	}}
	first := startConnector(t, startWorker(t, k.addr(), busy.plugin(), nil), sinkProps("errors.retry.delay.max.ms", "20"))
	kafkatest.Eventually(t, "retries", func() bool { return first.Counts().Retries > 2 })
	if got := first.Tasks[0].Status(); got.Trace != "outside is away" {
		t.Errorf("status = %+v, want it to show what is retried", got)
	}
	heir := &sink{}
	second := startConnector(t, startWorker(t, k.addr(), heir.plugin(), nil), sinkProps())
	kafkatest.Eventually(t, "a partition to move while the first retries", func() bool { return second.Counts().Written == 10 })
	away.Store(false)
	kafkatest.Eventually(t, "the first to write the other partition", func() bool { return len(busy.values()) == 10 })
	if got := first.Counts(); got.Restarts != 0 || got.Partitions != 1 || got.Rebalances < 2 {
		t.Errorf("counts = %+v, want one partition, no restart, and the rebalances of both starts", got)
	}
}

func TestExpelledMemberClosesAsLostAndComesBack(t *testing.T) {
	k := startKafka(t, 1, "in")
	k.produce("in", numbered(2)...)
	s := &sink{}
	w := startWorker(t, k.addr(), s.plugin(), nil)
	startConnector(t, w, sinkProps())
	kafkatest.Eventually(t, "two records", func() bool { return len(s.values()) == 2 })
	again := k.refuseHeartbeats("connect-out")
	kafkatest.Eventually(t, "Close with lost", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.lost > 0
	})
	again()
	k.produce("in", `{"n":2}`)
	kafkatest.Eventually(t, "the record after it", func() bool {
		got := s.values()
		return len(got) > 0 && got[len(got)-1] == `2:{"n":2}`
	})
}

func TestStoppingARetryingTaskCommitsNothingOfTheBatch(t *testing.T) {
	k := startKafka(t, 1, "in")
	k.produce("in", numbered(3)...)
	s := &sink{put: func(_ *sink, records []*connect.SinkRecord) error {
		if len(records) > 0 {
			return connect.Retriable(errors.New("outside is away"))
		}
		return nil
	}}
	w := startWorker(t, k.addr(), s.plugin(), nil)
	c := startConnector(t, w, sinkProps("errors.retry.delay.max.ms", "20"))
	kafkatest.Eventually(t, "retries", func() bool { return c.Counts().Retries > 2 })
	stop(t, c)
	if at := k.committed("connect-out", "in"); at > 0 {
		t.Errorf("committed %d although nothing was put", at)
	}
}

// A broker that is away for longer than the session costs the partitions, not
// the task: the client joins again by itself.
func TestSinkTaskOutlivesItsSession(t *testing.T) {
	way := &line{lose: -1}
	k := startKafkaWith(t, kfake.SeedTopics(1, "in"), kfake.ListenFn(way.listen), kfake.GroupMinSessionTimeout(time.Millisecond))
	k.produce("in", numbered(2)...)
	s := &sink{}
	w := startWorker(t, k.addr(), s.plugin(), map[string]string{"consumer.session.timeout.ms": "300"})
	c := startConnector(t, w, sinkProps())
	kafkatest.Eventually(t, "offset 2 committed", func() bool { return k.committed("connect-out", "in") == 2 })
	way.cut(0, time.Hour)
	kafkatest.Eventually(t, "Close with lost", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.lost > 0
	})
	way.cut(-1, 0)
	k.produce("in", `{"n":2}`)
	kafkatest.Eventually(t, "the record after it", func() bool { return len(s.values()) == 3 })
	if got := c.Counts().Restarts; got != 0 {
		t.Errorf("restarts = %d, want none", got)
	}
}
