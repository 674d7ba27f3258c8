package kafka

import (
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Batch is a batch of a topic that is refused, because it takes more memory than one
// batch may once it is decompressed. As an error it says so, and what to do.
type Batch struct {
	// Topic and Partition are where the batch is.
	Topic     string
	Partition int32
	// First is the offset of its first record, and Next the one after its last record.
	First, Next int64
	// Epoch is the leader epoch of the batch, -1 when it is not known.
	Epoch int32
}

// TooLarge reports whether an error of a client's poll is about a batch that is refused,
// and which it is. The client has stopped the partition then and fetches nothing more of
// it, while its other partitions go on. It reports the batch once.
//
// Look for it before Fetches.Err0, which returns it when it is alone.
//
// Whoever gives the batch up, and has recorded so where nothing may be lost silently,
// goes on with [Batch.Skip]. Whoever does not, ends with the [Batch] as its error, which
// names the key to change:
//
//	fetches.EachError(func(topic string, partition int32, err error) {
//		if batch, ok := kafka.TooLarge(err); ok {
//			batch.Skip(client) // or return batch
//		}
//	})
func TooLarge(err error) (Batch, bool) {
	var e *kgo.ErrDecompressTooLarge
	if !errors.As(err, &e) {
		return Batch{}, false
	}
	return Batch{e.Topic, e.Partition, e.Offset, e.NextOffset, e.Epoch}, true
}

// Records returns how many offsets the batch takes. It has at most so many records.
func (b Batch) Records() int64 { return max(b.Next-b.First, 0) }

// Skip makes the client go on behind the batch. A member of a group calls it between two
// polls, while it has the partition; the next commit then includes the offsets of the
// batch. A client without a group calls it at any time.
func (b Batch) Skip(cl *kgo.Client) {
	cl.SetOffsets(map[string]map[int32]kgo.EpochOffset{b.Topic: {b.Partition: {Epoch: b.Epoch, Offset: b.Next}}})
}

// Error says what is wrong with the batch and which key to change. A runtime that can
// skip it adds how.
func (b Batch) Error() string {
	return fmt.Sprintf("read %s-%d@%d: the batch of the offsets %d to %d takes more than a sixteenth of memory.max.bytes "+
		"once it is decompressed: raise memory.max.bytes", b.Topic, b.Partition, b.First, b.First,
		b.Next-1)
}
