// Package protobuf carries Kafka Connect's data to Protobuf and back.
//
// [Format] is what package registry writes and reads messages with; the ProtobufConverter
// is in package converters.
//
// # Messages
//
// After the schema id comes where the message is in the schema, then the message:
//
//	count | place, ... | message
//
// The places are that of the message in its file, or of the message that it is in, then
// that in it, and so on. Count and places are zigzag varints; the first message of a file
// is a 0 alone.
//
// # Schemas
//
//	Connect                     Protobuf
//	INT8, INT16                 int32 with connect.type in the option confluent.field_meta
//	INT32                       int32, sint32, sfixed32
//	INT64                       int64, sint64, sfixed64, uint32, fixed32, uint64, fixed64
//	FLOAT32, FLOAT64            float, double
//	BOOLEAN, STRING, BYTES      bool, string, bytes
//	STRING with [EnumParameter] enum
//	ARRAY, MAP                  repeated, map
//	STRUCT                      message
//	STRUCT with [UnionName]     oneof
//	Decimal, Date               confluent.type.Decimal, google.type.Date
//	Time, Timestamp             google.type.TimeOfDay, google.protobuf.Timestamp
//
// The number of a field is the parameter [TagParameter], and its type, where it is not the
// first of the line, [TypeParameter]. A record that is no STRUCT is one of the wrappers,
// such as google.protobuf.StringValue. A uint64 above 2^63-1 is an INT64 below 0, and is
// written as what it was.
//
// All fields are optional, unless [Options] says otherwise; a field that is not there is
// then 0 or empty all the same, because proto3 does not tell it from null.
//
// A message is written by the names of fields. With use.latest.version or use.schema.id it
// is the message of the schema that has the name of the data's schema, or else the first.
//
// # Differences from Confluent's converter
//
//   - A oneof with two values is an error; there, the first is written.
//   - A null in a list or a map is an error; there, it is one, or an empty value.
//   - A number that does not fit its type is an error; there, it is cut.
//   - Two types of one name in a message are an error; there, the first counts.
//   - A record that is no STRUCT and no wrapper, such as a Timestamp, is an error.
//   - Schemas have no version; there, it is that of the registry.
//   - INT8 and INT16 in maps are INT32 when they are read, and decimals have scale 0, as a
//     map has no options.
//
// # Limits
//
// What a message or a schema can stand for is bounded, as in package avro, and a schema has
// at most 1 MiB with those it refers to. Messages that contain themselves are an
// [ErrSchema], because schemas of Kafka Connect are finite here.
// Files that a schema imports are references of it in the registry, Protobuf's own
// (google/protobuf), google/type/date.proto, google/type/timeofday.proto,
// confluent/meta.proto and confluent/type/decimal.proto.
package protobuf
