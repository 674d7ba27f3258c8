package serdes

import "github.com/suiro/suiro/streams/topology"

// RecordSerde is a Serde that also wants to know the topic, or read and write headers.
// Sources and sinks call its methods instead of those of Serde; stores have neither a
// topic nor headers and call those of Serde. To a sink a repartition topic has the name
// that it has in the topology, without the application.id.
type RecordSerde[T any] interface {
	Serde[T]
	// SerializeRecord is Serialize for a record of a topic. It may return the headers
	// with some added, and does not change those that it gets.
	SerializeRecord(topic string, headers []topology.Header, v T) ([]byte, []topology.Header, error)
	// DeserializeRecord is Deserialize for a record of a topic. It does not change the
	// headers, and keeps none of them.
	DeserializeRecord(topic string, headers []topology.Header, data []byte) (T, error)
}

// Writer returns how a sink serializes with s. It is called once, when the sink is made.
func Writer[T any](s Serde[T]) func(topic string, headers []topology.Header, v T) ([]byte, []topology.Header, error) {
	if r, ok := s.(RecordSerde[T]); ok {
		return r.SerializeRecord
	}
	return func(_ string, headers []topology.Header, v T) ([]byte, []topology.Header, error) {
		data, err := s.Serialize(v)
		return data, headers, err
	}
}

// Reader returns how a source deserializes with s. It is called once, when the source is
// made.
func Reader[T any](s Serde[T]) func(topic string, headers []topology.Header, data []byte) (T, error) {
	if r, ok := s.(RecordSerde[T]); ok {
		return r.DeserializeRecord
	}
	return func(_ string, _ []topology.Header, data []byte) (T, error) { return s.Deserialize(data) }
}
