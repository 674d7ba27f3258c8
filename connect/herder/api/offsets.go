package api

import (
	"bytes"
	"encoding/json"
	"fmt"
)

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
	Partition Position `json:"partition"`
	// Offset is the position, in a source's own words, or kafka_offset, the next offset
	// to read, for a sink. In a PATCH null removes the position.
	Offset Position `json:"offset"`
}

// Position is a partition, or a position in one. Whole numbers from JSON are int64, and
// others float64.
type Position map[string]any

// UnmarshalJSON implements [json.Unmarshaler]. It keeps numbers whole that float64
// would round.
func (p *Position) UnmarshalJSON(text []byte) error {
	var m map[string]any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&m); err != nil {
		return err
	}
	for key, value := range m {
		var err error
		if m[key], err = plain(value); err != nil {
			return err
		}
	}
	*p = m
	return nil
}

// plain is a value from JSON with numbers as [Position] has them.
func plain(v any) (_ any, err error) {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n, nil
		}
		f, err := v.Float64()
		if err != nil {
			return nil, fmt.Errorf("the number %.40s is too large", v)
		}
		return f, nil
	case map[string]any:
		for key := range v {
			if v[key], err = plain(v[key]); err != nil {
				return nil, err
			}
		}
	case []any:
		for i := range v {
			if v[i], err = plain(v[i]); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

// Message is the answer of a request that has nothing to return but a sentence, such as
// PATCH and DELETE /connectors/{c}/offsets.
type Message struct {
	// Message is the sentence.
	Message string `json:"message"`
}
