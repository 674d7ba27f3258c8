package hdfs

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro"
)

// recordError is about one record that cannot be written, whatever the state
// of the storage. The record is reported.
type recordError struct{ err error }

func (e *recordError) Error() string { return e.err.Error() }
func (e *recordError) Unwrap() error { return e.err }

func badRecord(format string, args ...any) error {
	return &recordError{fmt.Errorf(format, args...)}
}

// encoder turns records into the bytes of a file. It belongs to one writer.
type encoder interface {
	// encode appends a record's bytes to buf and returns the schema the file
	// must have, nil when the format has none. An error is about the record.
	encode(
		buf []byte, r *connect.SinkRecord, schema *data.Schema, value any,
	) ([]byte, *avro.Codec, error)
	// ext is the ending of the files' names.
	ext() string
}

func newEncoder(s *settings) encoder {
	switch s.format {
	case formatJSON:
		return jsonEncoder{}
	case formatString:
		return textEncoder{}
	}
	return &avroEncoder{max: s.v.Int("schema.cache.size"), bySchema: map[*data.Schema]*avro.Codec{},
		byText: map[string]*avro.Codec{}}
}

// avroEncoder writes Avro data. Schemas that say the same share one codec, so
// that their records share a file.
type avroEncoder struct {
	max      int
	bySchema map[*data.Schema]*avro.Codec
	byText   map[string]*avro.Codec
}

func (*avroEncoder) ext() string { return ".avro" }

func (e *avroEncoder) encode(
	buf []byte, _ *connect.SinkRecord, schema *data.Schema, value any,
) ([]byte, *avro.Codec, error) {
	if schema == nil {
		return nil, nil, badRecord("the record has no schema, and an Avro file needs one: use a converter " +
			"with schemas, as AvroConverter")
	}
	c, err := e.codec(schema)
	if err != nil {
		return nil, nil, &recordError{err}
	}
	buf, err = c.Append(buf, value)
	if err != nil {
		return nil, nil, &recordError{err}
	}
	return buf, c, nil
}

func (e *avroEncoder) codec(schema *data.Schema) (*avro.Codec, error) {
	if c := e.bySchema[schema]; c != nil {
		return c, nil
	}
	c, err := avro.NewCodec(schema)
	if err != nil {
		return nil, err
	}
	if len(e.bySchema) >= e.max {
		clear(e.bySchema)
		clear(e.byText)
	}
	if same := e.byText[c.Text()]; same != nil {
		c = same
	}
	e.bySchema[schema], e.byText[c.Text()] = c, c
	return c, nil
}

// jsonEncoder writes a line of JSON per record.
type jsonEncoder struct{}

func (jsonEncoder) ext() string { return ".json" }

func (jsonEncoder) encode(
	buf []byte, r *connect.SinkRecord, _ *data.Schema, value any,
) ([]byte, *avro.Codec, error) {
	raw, ok := r.Value.Raw(connect.FormatJSON)
	if !ok {
		var err error
		if raw, err = json.Marshal(value); err != nil {
			return nil, nil, &recordError{err}
		}
	}
	if bytes.IndexByte(raw, '\n') < 0 {
		return append(append(buf, raw...), '\n'), nil, nil
	}
	b := bytes.NewBuffer(buf)
	if err := json.Compact(b, raw); err != nil {
		return nil, nil, &recordError{err}
	}
	return append(b.Bytes(), '\n'), nil, nil
}

// textEncoder writes a line of text per record.
type textEncoder struct{}

func (textEncoder) ext() string { return ".txt" }

func (textEncoder) encode(
	buf []byte, _ *connect.SinkRecord, _ *data.Schema, value any,
) ([]byte, *avro.Codec, error) {
	switch v := value.(type) {
	case string:
		buf = append(buf, v...)
	case []byte:
		buf = append(buf, v...)
	default:
		buf = fmt.Append(buf, v)
	}
	return append(buf, '\n'), nil, nil
}
