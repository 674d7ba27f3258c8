package thread

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/suiro/suiro/streams/internal/task"
)

// mark is what is committed with an offset: Kafka Streams' TopicPartitionMetadata, in
// base64.
//
//	1 byte version, 2 | 8 bytes partition time, big-endian, -1 for none | what processors keep
type mark struct {
	time       int64  // milliseconds, task.NoStreamTime for none
	processors []byte // as a Kafka Streams app has left it
}

// The versions of a mark. The first one ends with the time.
const (
	markVersion1 = 1
	markVersion2 = 2
	markHead     = 9
	noTime       = -1
)

// parseMark reads a mark. What Kafka Streams and this package have not written is none.
func parseMark(text string) mark {
	none := mark{time: task.NoStreamTime}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(data) < markHead || data[0] != markVersion1 && data[0] != markVersion2 {
		return none
	}
	m := mark{time: int64(binary.BigEndian.Uint64(data[1:]))}
	if m.time == noTime {
		m.time = task.NoStreamTime
	}
	if data[0] == markVersion2 {
		m.processors = data[markHead:]
	}
	return m
}

// String returns the text that is committed.
func (m mark) String() string {
	at := m.time
	if at == task.NoStreamTime {
		at = noTime
	}
	data := binary.BigEndian.AppendUint64([]byte{markVersion2}, uint64(at))
	return base64.StdEncoding.EncodeToString(append(data, m.processors...))
}

// marks are those of the partitions that a thread has.
type marks struct {
	mu   sync.Mutex
	last map[string]map[int32]mark
}

// fetched takes the marks of offsets that were fetched. It is called by the client.
func (m *marks) fetched(_ context.Context, _ *kgo.Client, r *kmsg.OffsetFetchResponse) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, g := range r.Groups {
		for _, t := range g.Topics {
			for _, p := range t.Partitions {
				text := ""
				if p.Metadata != nil {
					text = *p.Metadata
				}
				m.set(t.Topic, p.Partition, parseMark(text))
			}
		}
	}
	return nil
}

// set notes a mark. m.mu is held.
func (m *marks) set(topic string, partition int32, at mark) {
	if m.last == nil {
		m.last = map[string]map[int32]mark{}
	}
	if m.last[topic] == nil {
		m.last[topic] = map[int32]mark{}
	}
	m.last[topic][partition] = at
}

// of returns the mark of a partition.
func (m *marks) of(topic string, partition int32) mark {
	m.mu.Lock()
	defer m.mu.Unlock()
	if at, ok := m.last[topic][partition]; ok {
		return at
	}
	return mark{time: task.NoStreamTime}
}

// mark returns what is committed with the offset of a partition. It is called between
// records.
func (th *Thread) mark(topic string, partition int32) string {
	at := th.marks.of(topic, partition)
	t := th.running(th.task(topic, partition))
	if t == nil {
		return at.String()
	}
	select {
	case <-t.Ready():
		if now, ok := t.PartitionTime(topic, partition); ok {
			at.time = now
		}
	default:
	}
	return at.String()
}

// times returns the times at which the partitions of a task were left.
func (th *Thread) times(partitions map[string][]int32) map[string]int64 {
	at := map[string]int64{}
	for topic, ps := range partitions {
		for _, p := range ps {
			at[topic] = th.marks.of(topic, p).time
		}
	}
	return at
}

// marker returns the text to commit with the offset of a partition.
type marker func(topic string, partition int32) string

// txn puts marks into a request of a transaction.
func (m marker) txn(r *kmsg.TxnOffsetCommitRequest) {
	for i := range r.Topics {
		for j := range r.Topics[i].Partitions {
			text := m(r.Topics[i].Topic, r.Topics[i].Partitions[j].Partition)
			r.Topics[i].Partitions[j].Metadata = &text
		}
	}
}

// group puts marks into a request without a transaction.
func (m marker) group(r *kmsg.OffsetCommitRequest) error {
	for i := range r.Topics {
		for j := range r.Topics[i].Partitions {
			text := m(r.Topics[i].Topic, r.Topics[i].Partitions[j].Partition)
			r.Topics[i].Partitions[j].Metadata = &text
		}
	}
	return nil
}
