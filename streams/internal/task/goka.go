package task

import (
	"errors"
	"hash"

	"github.com/IBM/sarama"
	"github.com/lovoo/goka"
)

// noConsumer is the consumer of table topics that goka demands: the task has restored its
// stores before goka starts.
type noConsumer struct{ sarama.Consumer }

// Close implements sarama.Consumer.
func (noConsumer) Close() error { return nil }

// HighWaterMarks implements sarama.Consumer; goka asks it for statistics only.
func (noConsumer) HighWaterMarks() map[string]map[int32]int64 { return nil }

// topicManager answers goka with what the host knows.
type topicManager struct{ task *Task }

var _ goka.TopicManager = topicManager{}

// Partitions implements goka.TopicManager.
func (m topicManager) Partitions(string) ([]int32, error) {
	ps := make([]int32, m.task.Partitions)
	for i := range ps {
		ps[i] = int32(i)
	}
	return ps, nil
}

// GetOffset implements goka.TopicManager; goka asks it for tables only.
func (topicManager) GetOffset(string, int32, int64) (int64, error) {
	return 0, errors.New("goka has no tables")
}

// EnsureTableExists, EnsureStreamExists and EnsureTopicExists implement
// goka.TopicManager: the host made the topics before it started tasks.
func (topicManager) EnsureTableExists(string, int) error                         { return nil }
func (topicManager) EnsureStreamExists(string, int) error                        { return nil }
func (topicManager) EnsureTopicExists(string, int, int, map[string]string) error { return nil }

// Close implements goka.TopicManager.
func (topicManager) Close() error { return nil }

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
