package worker

import "github.com/twmb/franz-go/pkg/kgo"

var _ kgo.Partitioner = partitioner{}

// partitioner keeps the partition that a record asks for and otherwise
// chooses as Kafka's own producers do: murmur2 of the key, or a sticky
// partition without one.
type partitioner struct{ kgo.Partitioner }

func (p partitioner) ForTopic(topic string) kgo.TopicPartitioner {
	return topicPartitioner{p.Partitioner.ForTopic(topic)}
}

type topicPartitioner struct{ kgo.TopicPartitioner }

func (p topicPartitioner) RequiresConsistency(r *kgo.Record) bool {
	return r.Partition >= 0 || p.TopicPartitioner.RequiresConsistency(r)
}

func (p topicPartitioner) Partition(r *kgo.Record, n int) int {
	if r.Partition >= 0 {
		return int(r.Partition)
	}
	return p.TopicPartitioner.Partition(r, n)
}

// OnNewBatch lets the sticky choice move on.
func (p topicPartitioner) OnNewBatch() {
	if n, ok := p.TopicPartitioner.(kgo.TopicPartitionerOnNewBatch); ok {
		n.OnNewBatch()
	}
}
