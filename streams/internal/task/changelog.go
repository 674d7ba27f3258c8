package task

import (
	"context"
	"errors"
	"fmt"
	"hash"
	"sync"

	"github.com/IBM/sarama"
	"github.com/lovoo/goka"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka"
)

// changelogConsumer is goka's consumer of table topics, on franz-go.
type changelogConsumer struct{ task *Task }

var _ sarama.Consumer = (*changelogConsumer)(nil)

// ConsumePartition reads the task's changelog from offset, committed records
// and transaction markers.
func (c *changelogConsumer) ConsumePartition(
	_ string, partition int32, offset int64,
) (sarama.PartitionConsumer, error) {
	topic := c.task.Changelog
	opts := append(append([]kgo.Opt(nil), c.task.Client...),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {partition: kgo.NewOffset().At(offset)}}),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(),
	)
	cl, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, fmt.Errorf("read changelog %s-%d: %w", topic, partition, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &replay{
		task: c.task, client: cl, cancel: cancel, topic: topic,
		messages: make(chan *sarama.ConsumerMessage, 256),
		errs:     make(chan *sarama.ConsumerError, 1),
	}
	go r.run(ctx)
	return r, nil
}

// Topics implements sarama.Consumer.
func (c *changelogConsumer) Topics() ([]string, error) { return []string{c.task.Changelog}, nil }

// Partitions implements sarama.Consumer.
func (c *changelogConsumer) Partitions(topic string) ([]int32, error) {
	return topicManager{task: c.task}.Partitions(topic)
}

// HighWaterMarks implements sarama.Consumer; goka asks it for statistics only.
func (c *changelogConsumer) HighWaterMarks() map[string]map[int32]int64 { return nil }

// Close implements sarama.Consumer.
func (c *changelogConsumer) Close() error { return nil }

// Pause, Resume, PauseAll and ResumeAll implement sarama.Consumer; goka never
// calls them.
func (c *changelogConsumer) Pause(map[string][]int32)  {}
func (c *changelogConsumer) Resume(map[string][]int32) {}
func (c *changelogConsumer) PauseAll()                 {}
func (c *changelogConsumer) ResumeAll()                {}

// replay is one reading of a changelog.
type replay struct {
	task     *Task
	client   *kgo.Client
	cancel   context.CancelFunc
	topic    string
	messages chan *sarama.ConsumerMessage
	errs     chan *sarama.ConsumerError
	once     sync.Once
}

var _ sarama.PartitionConsumer = (*replay)(nil)

func (r *replay) run(ctx context.Context) {
	defer close(r.errs)
	defer close(r.messages)
	defer r.client.Close()
	for {
		fetches := r.client.PollFetches(ctx)
		if ctx.Err() != nil {
			return
		}
		if err := fetches.Err(); err != nil && !errors.Is(err, context.Canceled) {
			if batch, ok := kafka.TooLarge(err); ok {
				err = batch
			}
			err = fmt.Errorf("read changelog %s: %w", r.topic, err)
			r.task.broke(err)
			r.errs <- &sarama.ConsumerError{Topic: r.topic, Err: err}
			// A closed channel is the end of the recovery to goka:
			// it has to see the error, and to close, first.
			<-ctx.Done()
			return
		}
		for it := fetches.RecordIter(); !it.Done(); {
			select {
			case r.messages <- message(it.Next()):
			case <-ctx.Done():
				return
			}
		}
	}
}

// message makes goka's message of a record. A transaction marker loses its key
// and value: [Task.restore] takes a message without key for a no-op.
func message(r *kgo.Record) *sarama.ConsumerMessage {
	m := &sarama.ConsumerMessage{
		Topic: r.Topic, Partition: r.Partition, Offset: r.Offset, Timestamp: r.Timestamp,
	}
	if !r.Attrs.IsControl() {
		m.Key, m.Value = r.Key, r.Value
	}
	return m
}

// AsyncClose implements sarama.PartitionConsumer.
func (r *replay) AsyncClose() { r.once.Do(r.cancel) }

// Close implements sarama.PartitionConsumer.
func (r *replay) Close() error {
	r.AsyncClose()
	for range r.messages {
	}
	return nil
}

// Messages implements sarama.PartitionConsumer.
func (r *replay) Messages() <-chan *sarama.ConsumerMessage { return r.messages }

// Errors implements sarama.PartitionConsumer.
func (r *replay) Errors() <-chan *sarama.ConsumerError { return r.errs }

// HighWaterMarkOffset implements sarama.PartitionConsumer.
func (r *replay) HighWaterMarkOffset() int64 { return 0 }

// Pause, Resume and IsPaused implement sarama.PartitionConsumer; goka never
// calls them.
func (r *replay) Pause()         {}
func (r *replay) Resume()        {}
func (r *replay) IsPaused() bool { return false }

// topicManager answers goka with what the host knows, and asks the broker for the
// ends of the changelog.
type topicManager struct {
	task *Task
	// ctx is the task's: goka gives GetOffset none, and a broker that is away
	// must not keep a task from stopping.
	ctx context.Context
}

var _ goka.TopicManager = topicManager{}

// Partitions implements goka.TopicManager.
func (m topicManager) Partitions(string) ([]int32, error) {
	ps := make([]int32, m.task.Partitions)
	for i := range ps {
		ps[i] = int32(i)
	}
	return ps, nil
}

// GetOffset returns the first offset of the changelog or its high watermark.
// It is the high watermark and not the last stable offset on purpose: a commit
// whose markers are still being written must be waited for.
func (m topicManager) GetOffset(_ string, partition int32, time int64) (int64, error) {
	start, end, err := m.task.changelogEnds(m.ctx)
	if err != nil {
		m.task.broke(err)
	}
	if time == sarama.OffsetOldest {
		return start, err
	}
	from := start
	if stored, ok, storedErr := m.task.storedOffset(); ok && storedErr == nil {
		from = max(from, stored+1)
	}
	m.task.restoreTo.Store(end)
	m.task.remaining.Store(max(end-from, 0))
	return end, err
}

// EnsureTableExists, EnsureStreamExists and EnsureTopicExists implement
// goka.TopicManager: the host made the topics before it started tasks.
func (m topicManager) EnsureTableExists(string, int) error                         { return nil }
func (m topicManager) EnsureStreamExists(string, int) error                        { return nil }
func (m topicManager) EnsureTopicExists(string, int, int, map[string]string) error { return nil }

// Close implements goka.TopicManager.
func (m topicManager) Close() error { return nil }

// changelogEnds returns the first offset and the high watermark of the task's
// changelog partition.
func (t *Task) changelogEnds(ctx context.Context) (start, end int64, err error) {
	if start, err = t.changelogEnd(ctx, t.Admin.ListStartOffsets); err != nil {
		return 0, 0, err
	}
	if end, err = t.changelogEnd(ctx, t.Admin.ListEndOffsets); err != nil {
		return 0, 0, err
	}
	return start, end, nil
}

func (t *Task) changelogEnd(
	ctx context.Context, list func(context.Context, ...string) (kadm.ListedOffsets, error),
) (int64, error) {
	listed, err := list(ctx, t.Changelog)
	if err != nil {
		return 0, fmt.Errorf("ends of changelog %s-%d: %w", t.Changelog, t.ID.Partition, err)
	}
	o, ok := listed.Lookup(t.Changelog, t.ID.Partition)
	if !ok {
		// The broker that was asked may not know a topic yet that was created a
		// moment ago.
		o.Err = kerr.UnknownTopicOrPartition
	}
	if o.Err != nil {
		return 0, fmt.Errorf("ends of changelog %s-%d: %w", t.Changelog, t.ID.Partition, o.Err)
	}
	return o.Offset, nil
}

// noProducer is the producer that goka demands: tasks emit through the host.
func noProducer([]string, string, func() hash.Hash32) (goka.Producer, error) {
	return refusingProducer{}, nil
}

type refusingProducer struct{}

var errNoProducer = errors.New("tasks emit through their host, not through goka")

// Emit implements goka.Producer.
func (refusingProducer) Emit(string, string, []byte) *goka.Promise {
	p, finish := goka.NewPromiseWithFinisher()
	finish(nil, errNoProducer)
	return p
}

// EmitWithHeaders implements goka.Producer.
func (p refusingProducer) EmitWithHeaders(topic, key string, value []byte, _ goka.Headers) *goka.Promise {
	return p.Emit(topic, key, value)
}

// Close implements goka.Producer.
func (refusingProducer) Close() error { return nil }
