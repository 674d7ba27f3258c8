package topics

import "github.com/twmb/franz-go/pkg/kadm"

// Topic is a topic of a cluster.
type Topic struct {
	// Name is the name of the topic.
	Name string
	// Partitions are its partitions by number.
	Partitions []Partition
	// Replicas is the number of replicas of its first partition.
	Replicas int
	// Configs are the settings that are its own, by name; only [Client.Describe]
	// reads them.
	Configs [][2]string
}

// Partition is a partition of a topic.
type Partition struct {
	// ID is the number of the partition.
	ID int32
	// Leader is the id of the broker that leads it; -1 is none.
	Leader int32
	// Replicas and InSync are the brokers that should hold it, and those that do.
	Replicas, InSync []int32
	// First and Next are the offset of the oldest record and of the next one. They
	// are not Known when the broker that leads the partition did not answer.
	First, Next int64
	// Known says whether First and Next are.
	Known bool
}

// Records returns how many records the topic can hold by its offsets; those that
// were compacted and the marks of transactions count. known is false when the
// offsets of a partition are not known.
func (t Topic) Records() (n int64, known bool) {
	known = true
	for _, p := range t.Partitions {
		n += p.Next - p.First
		known = known && p.Known
	}
	return n, known
}

func topicOf(d kadm.TopicDetail) Topic {
	t := Topic{Name: d.Topic}
	for _, p := range d.Partitions.Sorted() {
		t.Partitions = append(t.Partitions, Partition{ID: p.Partition, Leader: p.Leader, Replicas: p.Replicas, InSync: p.ISR})
	}
	if len(t.Partitions) > 0 {
		t.Replicas = len(t.Partitions[0].Replicas)
	}
	return t
}
