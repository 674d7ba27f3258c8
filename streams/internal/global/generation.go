package global

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/streams/internal/task"
	"github.com/suiro/suiro/streams/topology"
)

// generation is what was read of a topic into a store since it was begun.
type generation struct {
	number uint64
	store  topology.GlobalStore
	topic  kadm.TopicID    // zero while it is not known
	next   map[int32]int64 // offsets to read
	task   *task.Task
}

// load returns what the DB has of a generation.
func load(db stores.DB, store topology.GlobalStore, number uint64) (*generation, error) {
	g := &generation{number: number, store: store, next: map[int32]int64{}}
	data, err := db.Get(g.topicKey())
	if err != nil {
		return nil, fmt.Errorf("open global store %s: %w", store.Store().Name, err)
	}
	copy(g.topic[:], data)
	from := g.offsetKey("")
	it, err := db.Iterate(from, stores.PrefixEnd(from), false)
	if err != nil {
		return nil, fmt.Errorf("open global store %s: %w", store.Store().Name, err)
	}
	defer it.Close()
	for it.Next() {
		p, err := strconv.ParseInt(string(it.Key()[len(from):]), 10, 32)
		if err == nil && len(it.Value()) == 8 {
			g.next[int32(p)] = int64(binary.BigEndian.Uint64(it.Value()))
		}
	}
	return g, it.Err()
}

func (g *generation) topicKey() []byte {
	return stores.Key(prefix(g.number), "", []byte("topic "+g.store.Store().Name))
}

// offsetKey is the key of a partition's offset; partition is a number.
func (g *generation) offsetKey(partition string) []byte {
	return stores.Key(prefix(g.number), "", []byte("offset "+g.store.Store().Name+" "+partition))
}

// wipe adds to b the deletion of a generation.
func wipe(b *stores.Batch, store topology.GlobalStore, number uint64) {
	g := &generation{number: number, store: store}
	store.Store().DeleteFrom(b, prefix(number))
	b.Delete(g.topicKey())
	from := g.offsetKey("")
	b.DeleteRange(from, stores.PrefixEnd(from))
}

// outdated says why what was read does not fit the topic any more, "" when it does.
func (g *generation) outdated(t *spans) string {
	var none kadm.TopicID
	if g.topic != none && t.id != none && g.topic != t.id {
		return "the topic was deleted and made again"
	}
	for p, next := range g.next {
		s, ok := t.partitions[p]
		switch {
		case !ok:
			return fmt.Sprintf("partition %d is gone", p)
		case next < s.start:
			return fmt.Sprintf("partition %d begins at offset %d, and it was read to %d: records in between are deleted", p,
				s.start, next)
		case next > s.high:
			return fmt.Sprintf("partition %d ends at offset %d, and it was read to %d", p, s.high, next)
		}
	}
	return ""
}

// begin adds the partitions of the topic that are new.
func (g *generation) begin(t *spans) {
	var none kadm.TopicID // of brokers before 2.8
	if t.id != none {
		g.topic = t.id
	}
	for p, s := range t.partitions {
		if _, known := g.next[p]; !known {
			g.next[p] = s.start
		}
	}
}

// left is how many records there are to read up to the ends of the partitions.
func (g *generation) left(t *spans) (n int64) {
	for p, s := range t.partitions {
		n += max(s.end-g.next[p], 0)
	}
	return n
}

// from is where a client reads on.
func (g *generation) from() map[string]map[int32]kgo.Offset {
	offsets := map[int32]kgo.Offset{}
	for p, next := range g.next {
		offsets[p] = kgo.NewOffset().At(next)
	}
	return map[string]map[int32]kgo.Offset{g.store.Topic(): offsets}
}

// positions is where a client that reads is to be.
func (g *generation) positions() map[string]map[int32]kgo.EpochOffset {
	at := map[int32]kgo.EpochOffset{}
	for p, next := range g.next {
		at[p] = kgo.EpochOffset{Epoch: -1, Offset: next}
	}
	return map[string]map[int32]kgo.EpochOffset{g.store.Topic(): at}
}

// checkpoint adds to b how far the generation has come.
func (g *generation) checkpoint(b *stores.Batch) {
	b.Put(g.topicKey(), g.topic[:])
	for p, next := range g.next {
		b.Put(g.offsetKey(strconv.Itoa(int(p))), binary.BigEndian.AppendUint64(nil, uint64(next)))
	}
}

// open makes the task that writes the generation.
func (g *generation) open(o task.Options) (err error) {
	store := g.store.Store()
	o.ID = TaskID()
	o.Sub = &topology.Subtopology{Sources: []topology.Source{g.store.Source}, Stores: []topology.Store{store}}
	o.Prefix, o.StreamTime, o.Also = prefix(g.number), task.NoStreamTime, g.checkpoint
	o.Topic = func(name string) string { return name }
	if g.task, err = task.Inline(o, nil); err != nil {
		return fmt.Errorf("open global store %s: %w", store.Name, err)
	}
	return nil
}

// TaskID is what metrics and logs call the tasks of all global stores, as in Kafka Streams.
func TaskID() topology.TaskID { return topology.TaskID{Subtopology: -1, Partition: -1} }
