package format

import (
	"errors"
	"fmt"
	"io"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro"
	"github.com/suiro/suiro/transforms/formats/avro/ocf"
)

var (
	_ Format = Avro{}
	_ Tables = Avro{}
)

// Avro is Avro's object container files.
type Avro struct{}

// Class is AvroFormat.
func (Avro) Class() string { return "AvroFormat" }

// Ext is .avro.
func (Avro) Ext() string { return ".avro" }

// Codecs are null, deflate and snappy.
func (Avro) Codecs() []string { return ocf.Codecs() }

// Encoder returns an encoder of binary data. Records must have a schema.
func (Avro) Encoder(schemas int) Encoder {
	return &avroEncoder{limit: schemas, bySchema: map[*data.Schema]*Schema{}, byText: map[string]*Schema{}}
}

// Open begins a container file.
func (Avro) Open(w io.Writer, s *Schema, o Options) (Writer, error) {
	codec, ok := s.compiled.(*avro.Codec)
	if !ok {
		var err error
		if codec, err = avro.NewCodec(s.Data); err != nil {
			return nil, err
		}
	}
	f, err := ocf.NewWriter(w, codec, &ocf.Options{Codec: o.Codec, Metadata: o.Metadata})
	if err != nil {
		return nil, err
	}
	return avroWriter{f}, nil
}

// Read reads a container file.
func (Avro) Read(r io.Reader) (Reader, error) {
	f, err := ocf.NewReader(r)
	if err != nil {
		return nil, err
	}
	return avroReader{f}, nil
}

// avroEncoder gives one Schema to all schemas that have the same text.
type avroEncoder struct {
	limit    int
	bySchema map[*data.Schema]*Schema
	byText   map[string]*Schema
	buf      []byte
}

var errNoSchema = errors.New("the record has no schema, and an Avro file needs one: use a converter with schemas, " +
	"such as AvroConverter")

// Encode implements [Encoder].
func (e *avroEncoder) Encode(value *connect.Payload) (Row, error) {
	schema, v, err := value.Decode()
	if err != nil {
		return Row{}, err
	}
	if schema == nil {
		return Row{}, errNoSchema
	}
	s, err := e.schema(schema)
	if err != nil {
		return Row{}, err
	}
	if e.buf, err = s.compiled.(*avro.Codec).Append(e.buf[:0], v); err != nil {
		return Row{}, err
	}
	return Row{Schema: s, Bytes: e.buf}, nil
}

func (e *avroEncoder) schema(schema *data.Schema) (*Schema, error) {
	if s := e.bySchema[schema]; s != nil {
		return s, nil
	}
	c, err := avro.NewCodec(schema)
	if err != nil {
		return nil, err
	}
	if len(e.bySchema) >= e.limit {
		clear(e.bySchema)
	}
	s := e.byText[c.Text()]
	if s == nil {
		if len(e.byText) >= e.limit {
			clear(e.byText)
		}
		s = &Schema{Data: schema, Text: c.Text(), compiled: c}
		e.byText[s.Text] = s
	}
	e.bySchema[schema] = s
	return s, nil
}

// avroWriter is a container file.
type avroWriter struct{ file *ocf.Writer }

// Write implements [Writer].
func (w avroWriter) Write(row Row) error { return w.file.WriteRaw(row.Bytes) }

// Size implements [Writer].
func (w avroWriter) Size() int64 { return w.file.Written() + int64(w.file.Buffered()) }

// Close implements [Writer].
func (w avroWriter) Close() error { return w.file.Close() }

// avroReader is a container file to read.
type avroReader struct{ file *ocf.Reader }

// Next implements [Reader].
func (r avroReader) Next() (any, error) { return r.file.Read() }

// literal is the property that Hive's AvroSerDe reads a table's schema from.
const literal = "avro.schema.literal"

// Table implements [Tables]. The columns have the names that the fields have in
// Avro, because Hive finds them by these.
func (Avro) Table(s *data.Schema) (Table, error) {
	text, err := avro.SchemaText(s)
	if err != nil {
		return Table{}, err
	}
	columns, err := columnsOf(s, avro.FieldNames)
	if err != nil {
		return Table{}, err
	}
	return Table{
		InputFormat:  "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
		OutputFormat: "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
		SerDe:        "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
		Properties:   map[string]string{literal: text},
		Columns:      columns,
	}, nil
}

// ParseSchema implements [Tables].
func (Avro) ParseSchema(text string) (*data.Schema, error) { return avro.ParseSchema([]byte(text)) }

// TableSchema implements [Tables].
func (f Avro) TableSchema(properties map[string]string) (*data.Schema, error) {
	text := properties[literal]
	if text == "" {
		return nil, fmt.Errorf("the table has no %s", literal)
	}
	return f.ParseSchema(text)
}
