package connect

import (
	"context"
	"time"

	"github.com/suiro/suiro/connect/config"
)

// Batch is records of one partition as Kafka keeps them: in the record batch format 2, compressed or
// not. Nobody between Kafka and Kafka looks at the records.
type Batch struct {
	// Topic and Partition are where the batch is to be written.
	Topic     string
	Partition int32
	// Bytes are the batch with its header. The worker overwrites what the header says of the producer.
	Bytes []byte
	// Records is how many records there are, Timestamp that of the latest.
	Records   int
	Timestamp time.Time
	// SourcePartition is that of all records, and Position makes the source offset after the last.
	SourcePartition map[string]any
	Position        Position
}

// BatchTask is a source task that can hand over whole batches of another Kafka, which the worker
// writes as they are. The worker finds out by a type assertion. What means something for single
// records, such as transforms, converters of other formats than [FormatBytes], and taps, makes it
// take records from Poll. So do batches that the brokers have refused: in the further lives of the
// task it rejects records as errors.tolerance says.
type BatchTask interface {
	SourceTask
	// OffersBatches reports whether the task can hand over batches with a configuration. It is called
	// on a task that may not have been started, and changes nothing.
	OffersBatches(v config.Values) bool
	// UseBatches is called before Start of a task that offers batches when the worker takes them:
	// PollBatches is then called instead of Poll. Without it Poll is.
	UseBatches()
	// PollBatches is Poll for batches. Those of a partition of a topic have one source partition, and
	// the records of it are in no other partition.
	PollBatches(ctx context.Context) ([]*Batch, error)
	// BatchWritten is called when Kafka has acknowledged a batch, with the offset of its first record
	// there; the others follow without a gap. It promises what [WriteObserver] does, and is called from
	// where that is.
	BatchWritten(b *Batch, offset int64)
}
