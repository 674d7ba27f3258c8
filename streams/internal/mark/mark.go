package mark

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"maps"
	"slices"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/suiro/suiro/streams/internal/task"
)

// Mark is what is committed with the offset of a partition, in base64.
//
//	1 byte version, 2 | 8 bytes partition time, big-endian, -1 for none | what processors keep
//
// What processors keep is nothing, or
//
//	4 bytes how many | for each: 4 bytes length of the key | key | 8 bytes value
type Mark struct {
	// Time is the partition time in milliseconds, [task.NoStreamTime] for none.
	Time int64
	// Processors is what processors keep, by key.
	Processors map[string]int64
}

// The versions of a mark. The first one ends with the time.
const (
	version1 = 1
	version2 = 2
	head     = 9
	noTime   = -1
)

// Parse reads a mark. What Kafka Streams and this package have not written is none.
func Parse(text string) Mark {
	none := Mark{Time: task.NoStreamTime}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(data) < head || data[0] != version1 && data[0] != version2 {
		return none
	}
	m := Mark{Time: int64(binary.BigEndian.Uint64(data[1:]))}
	if m.Time == noTime {
		m.Time = task.NoStreamTime
	}
	if data[0] == version2 {
		m.Processors = parseProcessors(data[head:])
	}
	return m
}

// parseProcessors reads what processors keep, as much of it as is whole.
func parseProcessors(data []byte) map[string]int64 {
	if len(data) < 4 {
		return nil
	}
	n := binary.BigEndian.Uint32(data)
	data = data[4:]
	kept := map[string]int64{}
	for ; n > 0 && len(data) >= 4; n-- {
		size := uint64(binary.BigEndian.Uint32(data))
		data = data[4:]
		if uint64(len(data)) < size+8 {
			break
		}
		kept[string(data[:size])] = int64(binary.BigEndian.Uint64(data[size:]))
		data = data[size+8:]
	}
	return kept
}

// String returns the text that is committed.
func (m Mark) String() string {
	at := m.Time
	if at == task.NoStreamTime {
		at = noTime
	}
	data := binary.BigEndian.AppendUint64([]byte{version2}, uint64(at))
	if len(m.Processors) > 0 {
		data = binary.BigEndian.AppendUint32(data, uint32(len(m.Processors)))
	}
	for _, key := range slices.Sorted(maps.Keys(m.Processors)) {
		data = append(binary.BigEndian.AppendUint32(data, uint32(len(key))), key...)
		data = binary.BigEndian.AppendUint64(data, uint64(m.Processors[key]))
	}
	return base64.StdEncoding.EncodeToString(data)
}

// Last are the marks of the partitions that a thread has, as of when their offsets were
// fetched. It may be used from any goroutine.
type Last struct {
	mu sync.Mutex
	at map[string]map[int32]Mark
}

// Fetched takes the marks of offsets that were fetched. It is called by the client.
func (l *Last) Fetched(_ context.Context, _ *kgo.Client, r *kmsg.OffsetFetchResponse) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, g := range r.Groups {
		for _, t := range g.Topics {
			for _, p := range t.Partitions {
				text := ""
				if p.Metadata != nil {
					text = *p.Metadata
				}
				l.set(t.Topic, p.Partition, Parse(text))
			}
		}
	}
	return nil
}

// set notes a mark. l.mu is held.
func (l *Last) set(topic string, partition int32, at Mark) {
	if l.at == nil {
		l.at = map[string]map[int32]Mark{}
	}
	if l.at[topic] == nil {
		l.at[topic] = map[int32]Mark{}
	}
	l.at[topic][partition] = at
}

// Of returns the mark of a partition.
func (l *Last) Of(topic string, partition int32) Mark {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at, ok := l.at[topic][partition]; ok {
		return at
	}
	return Mark{Time: task.NoStreamTime}
}
