package connect

import "github.com/suiro/suiro/connect/data"

// The formats of bytes that sinks know how to pass on undecoded.
const (
	// FormatJSON is one JSON value without schema envelope.
	FormatJSON = "json"
	// FormatAvro is one Avro datum, encoded binary, without any prefix.
	FormatAvro = "avro"
	// FormatString is UTF-8 text.
	FormatString = "string"
	// FormatBytes is anything.
	FormatBytes = "bytes"
)

// Converter turns bytes into data and back at the Kafka boundary. One
// converter serves all tasks of a connector, from many goroutines at a time.
type Converter interface {
	// FromConnect encodes a value for topic. A nil result is a null in Kafka.
	FromConnect(topic string, schema *data.Schema, value any) ([]byte, error)
	// ToConnect decodes bytes read from topic; nil raw is null. The result may
	// share memory with raw. An error says what is wrong with the bytes; the
	// record then goes the way of errors.tolerance.
	ToConnect(topic string, raw []byte) (*data.Schema, any, error)
	// Format names the bytes' format, one of the Format constants or "" when
	// they mean nothing without this converter.
	Format() string
}

// Transform changes one record, or drops it by returning nil. It is pure: it
// never edits r or what r refers to, and keeps nothing between calls. It may
// be called from many goroutines at a time. An error goes the way of
// errors.tolerance.
type Transform interface {
	Apply(r *Record) (*Record, error)
}

// Predicate says whether a transform applies to a record. It is pure, as a
// [Transform] is.
type Predicate interface {
	Test(r *Record) bool
}

// HeaderConverter turns the bytes of record headers into data and back. One
// header converter serves all tasks of a connector, from many goroutines at a
// time.
type HeaderConverter interface {
	// FromConnectHeader encodes the value of the header key of a record for
	// topic. A nil result is a null in Kafka.
	FromConnectHeader(topic, key string, schema *data.Schema, value any) ([]byte, error)
	// ToConnectHeader decodes the bytes of the header key of a record read from
	// topic; nil raw is null. The result may share memory with raw. An error
	// goes the way of errors.tolerance.
	ToConnectHeader(topic, key string, raw []byte) (*data.Schema, any, error)
}
