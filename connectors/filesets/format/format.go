// Package format is how sinks that write files put records into them: Avro
// container files, and lines of JSON or text.
//
// # Who calls what
//
// A sink picks a [Format] by its class, once. Each of its writers has an
// [Encoder], which turns a record's value into a [Row] or says why it cannot:
// such an error is about the record, and no file has been touched. The row names
// the [Schema] its file needs; a row whose Schema is another than that of the
// open file belongs in another file. [Format.Open] begins a file, and
// [Writer.Write] adds rows to it, whose errors are the storage's alone.
//
//	record ──Encoder.Encode──▶ Row{Schema, Bytes or Value} ──Writer.Write──▶ file
//
// Encoders, writers and readers are each used by one goroutine at a time; a
// Format may be shared.
//
// # Another format
//
// One file here, and a line in [All]. A row of a format whose records are bytes
// of their own holds these; a row of one that lays out columns, such as Parquet,
// holds the value, which its Encoder has checked against the schema. The sinks
// name no format but the default of their format.class, and package formattest
// holds what all formats promise.
//
// # Hive
//
// A format that Hive reads offers [Tables] as well. Columns come from the
// Connect schema; what else the table needs, such as the literal of Avro's
// SerDe, the format gives as properties.
//
// # Not done
//
// Records that nobody changed go into JSON files as they came, so a name that
// occurs twice in an object does so in the file. Avro is always encoded again,
// because damaged text in a datum would make the whole file unreadable.
package format

import (
	"io"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

// Format is a kind of file.
type Format interface {
	// Class is the name it is configured by, without the Java package, such as
	// AvroFormat.
	Class() string
	// Ext is the ending of its files' names, with the dot.
	Ext() string
	// Codecs are the names that [Options.Codec] may have; nil when files are
	// never packed.
	Codecs() []string
	// Encoder returns an encoder for one writer. It remembers up to schemas
	// compiled schemas, at least 1.
	Encoder(schemas int) Encoder
	// Open begins a file for rows of one Schema, nil for a format without. It
	// writes to w as rows come and never closes it. An error is that of w, or
	// about the options.
	Open(w io.Writer, s *Schema, o Options) (Writer, error)
	// Read reads a file back. An error says that it is damaged, or is that of r.
	Read(r io.Reader) (Reader, error)
}

// Options changes how a file is written.
type Options struct {
	// Codec packs the contents, by one of the format's names. Formats without
	// codecs ignore it. Default: the format's first, which packs nothing.
	Codec string
	// Metadata goes into the file with the schema. Formats that have no place for
	// it ignore it. Default: none.
	Metadata map[string]string
}

// Schema is the schema of a file. Encoders return the same pointer for schemas
// that say the same, as long as they remember them.
type Schema struct {
	// Data is the schema of the values.
	Data *data.Schema
	// Text is the schema as the format writes it down. [Tables.ParseSchema]
	// reads it again.
	Text string
	// compiled is the format's own.
	compiled any
}

// Row is a record as a file takes it.
type Row struct {
	// Schema is what the file must have; nil when the format has none.
	Schema *Schema
	// Bytes are the record, for formats whose records are bytes of their own. A
	// record that came from Kafka in the format of the file is not copied.
	Bytes []byte
	// Value is the record for formats that lay out columns; it fits Schema.
	Value any
}

// Encoder turns records into rows. One goroutine uses it.
type Encoder interface {
	// Encode returns the row of a record's value, which is not null. It is valid
	// until the next call. An error is about the record; one that
	// [connect.IsRetriable] is not final, and the same record may be tried again.
	Encode(value *connect.Payload) (Row, error)
}

// Writer is an open file. One goroutine uses it. After an error all calls fail.
type Writer interface {
	// Write adds a row of the file's Schema and keeps nothing of it. An error is
	// the storage's, and what the file holds is not known then.
	Write(row Row) error
	// Size is the bytes that the file has and will get from what waits, before
	// that is packed. After Close it is the length of the file.
	Size() int64
	// Close completes the file. The writer given to Open stays open.
	Close() error
}

// Reader reads a file. One goroutine uses it.
type Reader interface {
	// Next returns the next value, and [io.EOF] after the last. Any other error
	// says what is wrong with the file.
	Next() (any, error)
}

// All returns the formats, the default first.
func All() []Format { return []Format{Avro{}, JSON{}, Text{}} }

// ByClass returns the format of a class name, with or without a Java package;
// nil when there is none.
func ByClass(class string) Format {
	for _, f := range All() {
		if f.Class() == class[strings.LastIndexByte(class, '.')+1:] {
			return f
		}
	}
	return nil
}

// Classes returns the class names of all formats, without Java packages.
func Classes() []string {
	var names []string
	for _, f := range All() {
		names = append(names, f.Class())
	}
	return names
}
