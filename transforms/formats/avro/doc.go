// Package avro carries Kafka Connect's data to Avro and back: schemas and
// binary data.
//
// A [Codec] writes and reads the binary encoding of one schema. Package ocf
// writes and reads container files with it, package registry writes and reads the
// messages of a schema registry, and package jsonpick encodes JSON text as Avro
// directly. The AvroConverter is in package converters.
//
// # Schemas
//
//	Connect                         Avro
//	INT8, INT16                     int with connect.type int8, int16
//	INT32, INT64                    int, long
//	FLOAT32, FLOAT64                float, double
//	BOOLEAN, STRING, BYTES          boolean, string, bytes
//	ARRAY, MAP with string keys     array, map
//	STRUCT                          record
//	STRUCT with name [UnionName]    a union of several types
//	Date, Time, Timestamp           date, time-millis, timestamp-millis
//	Decimal                         bytes with decimal
//	optional T                      ["null", T], default null; [T, "null"] with another default
//	STRING, BYTES with parameters   enum, fixed
//
// Timestamps are in milliseconds because Hive takes microseconds for
// milliseconds. A logical type that Connect does not have, such as
// timestamp-micros, stays the integer or text it is based on; its name is kept and
// written again. A record without a name is called
// io.confluent.connect.avro.ConnectDefault, with a number from the second on.
//
// A Decimal has the precision of its parameter connect.decimal.precision, and a
// value with more digits is refused. Without the parameter the schema says 64, as in
// Confluent's converter, or for a scale above 64 that much more, and nothing is
// refused.
//
// # Unions
//
// A union of several types is a STRUCT with an optional field for each, as in
// Confluent's converter; the STRUCT is optional when null is among them. The
// field is named for the type; records, enums and fixed types lose their namespace,
// unless [Reading] says that they keep it.
// Only the field of the branch has a value:
//
//	["null", "int", {"type": "record", "name": "x.R", ...}]
//	Union{int: optional INT32, R: optional STRUCT x.R}, optional
//
// There are two differences from Confluent's converter. When two types have the
// same name without namespace, their fields have the full names; Confluent's
// converter refuses the schema. A STRUCT with more than one value is refused;
// Confluent's converter writes the first value and loses the others.
//
// # Schemas of other writers
//
// Parts of a schema that are wrong, or mean nothing to Connect, are ignored if the
// data can be read without them:
//
//   - A logical type that is invalid by Avro's specification is ignored. A decimal
//     with a scale above its precision is therefore BYTES, unless connect.name says
//     that Connect wrote it: decimals in Connect may have any scale, and it is then a
//     Decimal as in Confluent's converter.
//   - A default that does not fit its type is ignored. A default of another type of
//     a union than the first is kept.
//   - Names may have any letters and digits, as in Java's Avro.
//   - A union of one type is that type.
//   - Aliases, orders, the default of an enum and unknown properties are ignored;
//     properties that begin with avro. become parameters.
//
// # Limits
//
// What a record or a schema can stand for is bounded, because either may come from
// anyone. A value may take 1 MiB of memory and 400 bytes for each of its own, and of
// the process' memory an eighth; a larger one is an [ErrValue]. A decimal has at most
// 10,000 digits. A schema has at most [MaxText] bytes and types nested 1,000 deep, and
// takes at most 16 MiB with its types and defaults written out wherever they are used;
// otherwise it is an [ErrSchema].
//
// # What is not there
//
// Data is read with the schema it was written with; there is no reader's schema.
// Records that contain themselves, null outside a union, and maps whose keys are
// not strings are an [ErrSchema]. Confluent's converter writes such a map as an
// array of entries, which is read as an ARRAY.
//
// # Names
//
// A field of Connect may be called x-forwarded-for or 1st, but a name in Avro is
// [A-Za-z_][A-Za-z0-9_]*. Every other byte becomes an underscore, an underscore is
// put before a leading digit, and a name that is taken gets a number:
//
//	{"name": "x_forwarded_for", "suiro.name": "x-forwarded-for", ...}
//
// The property suiro.name keeps the original name, which the field has again when
// this package reads the schema. Other readers, Hive among them, see the Avro
// name.
package avro
