package api

// ConnectorOffsets are the positions of a connector: the answer of GET
// /connectors/{c}/offsets and the body of PATCH.
type ConnectorOffsets struct {
	// Offsets are the positions, one for each partition that has one; empty, never
	// null, when there are none.
	Offsets []ConnectorOffset `json:"offsets"`
}

// ConnectorOffset is the position in one partition of what a connector reads.
type ConnectorOffset struct {
	// Partition names the partition: in a source's own words, or kafka_topic and
	// kafka_partition for a sink.
	Partition map[string]any `json:"partition"`
	// Offset is the position, in a source's own words, or kafka_offset, the next offset
	// to read, for a sink. In a PATCH null removes the position.
	Offset map[string]any `json:"offset"`
}

// Message is the answer of a request that has nothing to return but a sentence, such as
// PATCH and DELETE /connectors/{c}/offsets.
type Message struct {
	// Message is the sentence.
	Message string `json:"message"`
}
