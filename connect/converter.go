package connect

import "github.com/suiro/suiro/connect/data"

// The formats that a converter may have, so that a sink can pass bytes on without
// decoding them.
const (
	// FormatJSON is one JSON value without schema envelope.
	FormatJSON = "json"
	// FormatAvro is one Avro datum in binary encoding, without a prefix.
	FormatAvro = "avro"
	// FormatString is UTF-8 text.
	FormatString = "string"
	// FormatBytes is any bytes.
	FormatBytes = "bytes"
)

// Converter turns bytes into data when records are read from Kafka, and data into
// bytes when they are written. One converter serves all tasks of a connector, from
// many goroutines at a time.
type Converter interface {
	// FromConnect encodes a value for topic. A nil result is a null in Kafka.
	FromConnect(topic string, schema *data.Schema, value any) ([]byte, error)
	// ToConnect decodes bytes read from topic; nil raw is null. The result may
	// share memory with raw. An error says what is wrong with the bytes, and
	// errors.tolerance decides what happens to the record.
	ToConnect(topic string, raw []byte) (*data.Schema, any, error)
	// Format is the format of the bytes, one of the Format constants or "" when
	// they mean nothing without this converter.
	Format() string
}

// Transform changes one record, or drops it by returning nil. It is pure: it
// never edits the record or what that refers to, and keeps nothing between calls.
// It may be called from many goroutines at a time.
type Transform interface {
	// Apply returns r, a changed copy of it, or nil to drop it. After an error
	// errors.tolerance decides what happens to the record.
	Apply(r *Record) (*Record, error)
}

// Splitter is a [Transform] that may make several records of one. The runtime calls Split
// instead of Apply. What comes out passes the transforms behind it one by one. All of it
// counts as the one record that was read: a source goes on behind that once all are
// written, and where one of them cannot be converted or transformed, the record is rejected
// as a whole. A sink takes no Splitter, because what Kafka counts of a record is its offset
// alone.
type Splitter interface {
	Transform
	// Split returns the records that take the place of r, in their order; none drops r.
	// It promises what Apply does.
	Split(r *Record) ([]*Record, error)
}

// Predicate says whether a transform applies to a record. It is pure, as a
// [Transform] is.
type Predicate interface {
	// Test reports whether the predicate holds for r. An error means that it cannot
	// tell, such as when the value cannot be decoded: the transform is not applied,
	// and errors.tolerance decides what happens to the record, as after an error of
	// the transform.
	Test(r *Record) (bool, error)
}

// HeaderConverter turns the bytes of record headers into data and back. One
// header converter serves all tasks of a connector, from many goroutines at a
// time.
type HeaderConverter interface {
	// FromConnectHeader encodes the value of the header key of a record for
	// topic. A nil result is a null in Kafka.
	FromConnectHeader(topic, key string, schema *data.Schema, value any) ([]byte, error)
	// ToConnectHeader decodes the bytes of the header key of a record read from
	// topic; nil raw is null. The result may share memory with raw. After an
	// error errors.tolerance decides what happens to the record.
	ToConnectHeader(topic, key string, raw []byte) (*data.Schema, any, error)
}
