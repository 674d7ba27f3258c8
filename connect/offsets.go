package connect

import (
	"context"

	"github.com/suiro/suiro/connect/config"
)

// SourceOffset is where to continue reading a source partition.
type SourceOffset struct {
	// Partition is the source partition. Whole numbers in it, and in Offset, are int64
	// and others float64.
	Partition map[string]any
	// Offset is where to continue; nil forgets the partition.
	Offset map[string]any
}

// SourceOffsetAlterer is a [SourceConnector] that looks at offsets which an operator
// wants it to continue from, or that keeps offsets in its outside system too. The worker
// finds out by a type assertion.
type SourceOffsetAlterer interface {
	// AlterOffsets is called once for each request, on a connector that was not started,
	// while no task of the connector runs and before the worker keeps or forgets the
	// offsets; v is the connector's configuration. A reset is a request that forgets all.
	// After an error nothing is changed: one marked by [Retriable] says that the outside
	// system could not be asked, any other that the connector does not take the offsets,
	// in words for the operator.
	AlterOffsets(ctx context.Context, v config.Values, offsets []SourceOffset) error
}

// SinkOffsetAlterer is a [SinkConnector] that looks at offsets which an operator wants
// it to continue from, or that keeps offsets in its outside system too. The worker finds
// out by a type assertion.
type SinkOffsetAlterer interface {
	// AlterOffsets is called as [SourceOffsetAlterer] says. offsets are the next offsets
	// to read, and forgotten the partitions that will have none.
	AlterOffsets(ctx context.Context, v config.Values, offsets Offsets, forgotten []TopicPartition) error
}
