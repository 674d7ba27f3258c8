package pipeline

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/excerpt"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/twmb/franz-go/pkg/kgo"
)

// What is shown of a source partition and of a source offset: connectors make them
// of names that are not theirs.
const (
	positionNamed = 1 << 10 // where a record is named
	positionSent  = 32 << 10
)

// headerOverhead is what a header takes besides its bytes.
const headerOverhead = 40

// Letter is a bad record as it came, with what was wrong with it.
type Letter struct {
	name       string             // what a log calls the record
	topic      string             // where the record was read, or would have been written
	origin     []kgo.RecordHeader // where exactly
	key, value []byte
	headers    []kgo.RecordHeader
	timestamp  time.Time // zero when the record had none
	stage      Stage
	class      string
	reason     error
	bare       bool // there is nothing but what says where it is
}

// bytes is about how much memory the letter holds.
func (l *Letter) bytes() int64 {
	n := len(l.key) + len(l.value) + 2*excerpt.MaxTrace
	for _, h := range l.headers {
		n += len(h.Key) + len(h.Value) + headerOverhead
	}
	return int64(n)
}

// SinkOrigin names a record that was read from Kafka, as topic-partition@offset.
func SinkOrigin(r *connect.SinkRecord) string {
	return fmt.Sprintf("record %s@%d", r.TopicPartition(), r.Offset)
}

// SourceOrigin names a record in the terms of its source.
func SourceOrigin(r *connect.SourceRecord) string {
	return fmt.Sprintf("record of %s at %s", excerpt.Text(positionText(r.SourcePartition), positionNamed),
		excerpt.Text(positionText(r.NextOffset()), positionNamed))
}

// SinkLetter makes the letter of a record that a sink cannot take. It holds what
// was read, whatever transforms made of it.
func (p *Pipeline) SinkLetter(r *connect.SinkRecord, stage Stage, class string, reason error) Letter {
	as := &r.Record
	if r.Original != nil {
		as = r.Original
	}
	return Letter{
		name:  SinkOrigin(r),
		topic: r.OriginalTopic,
		origin: []kgo.RecordHeader{
			contextHeader("partition", strconv.Itoa(int(r.OriginalPartition))),
			contextHeader("offset", strconv.FormatInt(r.Offset, 10)),
		},
		key: as.Key.Bytes(), value: payloadBytes(&as.Value), headers: p.headers.shown(r.OriginalTopic, as.Headers),
		timestamp: as.Timestamp, stage: stage, class: class, reason: reason,
	}
}

// BatchLetter makes the letter of a batch that is too large to be read. It has
// headers whatever errors.deadletterqueue.context.headers.enable says, as it would be
// empty without them.
func BatchLetter(b kafka.Batch, class string) Letter {
	return Letter{
		name:  fmt.Sprintf("batch %s-%d@%d", b.Topic, b.Partition, b.First),
		topic: b.Topic,
		origin: []kgo.RecordHeader{
			contextHeader("partition", strconv.Itoa(int(b.Partition))),
			contextHeader("offset", strconv.FormatInt(b.First, 10)),
			contextHeader("offset.last", strconv.FormatInt(b.Next-1, 10)),
		},
		stage: KafkaConsume, class: class, reason: b, bare: true,
	}
}

// SourceLetter makes the letter of a record that cannot be written. It tells the
// origin in the source's own terms.
func (p *Pipeline) SourceLetter(r *connect.SourceRecord, stage Stage, class string, reason error) Letter {
	return Letter{
		name:  SourceOrigin(r),
		topic: r.Topic,
		origin: []kgo.RecordHeader{
			contextHeader("source.partition", excerpt.Text(positionText(r.SourcePartition), positionSent)),
			contextHeader("source.offset", excerpt.Text(positionText(r.NextOffset()), positionSent)),
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
