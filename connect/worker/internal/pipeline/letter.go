package pipeline

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Letter is a bad record as it came, with what was wrong with it.
type Letter struct {
	topic      string             // where the record was read, or would have been written
	origin     []kgo.RecordHeader // where exactly
	key, value []byte
	headers    []kgo.RecordHeader
	timestamp  time.Time // zero when the record had none
	stage      Stage
	class      string
	reason     error
}

// SinkOrigin names a record that was read from Kafka, as topic-partition@offset.
func SinkOrigin(r *connect.SinkRecord) string {
	return fmt.Sprintf("record %s@%d", r.TopicPartition(), r.Offset)
}

// SourceOrigin names a record in the terms of its source.
func SourceOrigin(r *connect.SourceRecord) string {
	return fmt.Sprintf("record of %s at %s", positionText(r.SourcePartition), positionText(r.SourceOffset))
}

// SinkLetter makes the letter of a record that a sink cannot take. It holds what
// was read, whatever transforms made of it.
func (p *Pipeline) SinkLetter(r *connect.SinkRecord, stage Stage, class string, reason error) Letter {
	as := &r.Record
	if r.Original != nil {
		as = r.Original
	}
	return Letter{
		topic: r.OriginalTopic,
		origin: []kgo.RecordHeader{
			contextHeader("partition", strconv.Itoa(int(r.OriginalPartition))),
			contextHeader("offset", strconv.FormatInt(r.Offset, 10)),
		},
		key: as.Key.Bytes(), value: payloadBytes(&as.Value), headers: p.headers.shown(r.OriginalTopic, as.Headers),
		timestamp: as.Timestamp, stage: stage, class: class, reason: reason,
	}
}

// SourceLetter makes the letter of a record that cannot be written. It tells the
// origin in the source's own terms.
func (p *Pipeline) SourceLetter(r *connect.SourceRecord, stage Stage, class string, reason error) Letter {
	return Letter{
		topic: r.Topic,
		origin: []kgo.RecordHeader{
			contextHeader("source.partition", positionText(r.SourcePartition)),
			contextHeader("source.offset", positionText(r.SourceOffset)),
		},
		key: payloadBytes(&r.Key), value: payloadBytes(&r.Value), headers: p.headers.shown(r.Topic, r.Headers),
		timestamp: r.Timestamp, stage: stage, class: class, reason: reason,
	}
}

// payloadBytes are the bytes that a dead letter carries: those that came from
// Kafka, or the value itself when it is text or bytes, or else its JSON form.
func payloadBytes(p *connect.Payload) []byte {
	if raw := p.Bytes(); raw != nil {
		return raw
	}
	schema, v, err := p.Decode()
	if err != nil {
		return nil
	}
	switch v := v.(type) {
	case nil:
		return nil
	case []byte:
		return v
	case string:
		return []byte(v)
	}
	text, err := data.AppendJSON(nil, schema, v, data.JSONOptions{})
	if err != nil {
		return fmt.Append(nil, v)
	}
	return text
}

// positionText is the JSON form of a source partition or source offset.
func positionText(position map[string]any) string {
	text, err := json.Marshal(position)
	if err != nil {
		return fmt.Sprint(position)
	}
	return string(text)
}
