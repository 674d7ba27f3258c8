// Package serdes has what turns the bytes of topics and stores into keys and values of
// streams, and back. Where Kafka or Kafka Streams has a serde for a type, the bytes are
// the same.
//
//	Go                          Kafka's serde           bytes
//	[String]                    String                  UTF-8
//	[Bytes]                     ByteArray               as they are
//	[Int16] [Int32] [Int64]     Short Integer Long      2, 4, 8, big endian
//	[Float32] [Float64]         Float Double            4, 8, big endian, IEEE 754
//	[Bool]                      Boolean                 1
//	[UUID]                      UUID                    text of 36 characters
//	[List]                      ListSerde               see there
//	[TimeWindowed]              TimeWindowedSerde       key, start
//	[SessionWindowed]           SessionWindowedSerde    key, end, start
//	[JSON]                                              encoding/json
//	[LTSV]                                              a line of ltsv.org
//
// Package avro below it has Avro, with a schema or with a registry of schemas.
//
// # Null
//
// No serde sees null: sources, sinks and stores leave a null key or value out. So a
// Deserialize is not called with nil, and a Serialize not with a nil.
package serdes
