// Package avro carries Kafka Connect's data to Avro and back: schemas and
// binary data.
//
// A [Codec] writes and reads the binary encoding of one schema. Package ocf
// writes and reads container files with it, package registry the messages of a
// schema registry, and package jsonpick goes from JSON text to Avro without the
// data between. The AvroConverter is in package converters.
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
//	STRUCT named as [UnionName]     a union of several types
//	Date, Time, Timestamp           date, time-millis, timestamp-millis
//	Decimal                         bytes with decimal
//	optional T                      ["null", T], default null; [T, "null"] with another default
//	STRING, BYTES with parameters   enum, fixed
//
// Timestamps are in milliseconds because Hive takes microseconds for
// milliseconds. A logical type of Avro that Connect has no type for, such as
// timestamp-micros, stays the integer or text it stands on, and its name comes
// back when the schema is written again. A record without a name is called
// io.confluent.connect.avro.ConnectDefault, with a number from the second on.
//
// # Unions
//
// A union of several types is a STRUCT with an optional field for each, as in
// Confluent's converter; the STRUCT is optional when null is among them. The
// field of a type has its name, that of a record, enum or fixed without the
// namespace. Decoding gives a value to one field:
//
//	["null", "int", {"type": "record", "name": "x.R", ...}]
//	Union{int: optional INT32, R: optional STRUCT x.R}, optional
//
// Two differences from Confluent's converter: two types with the same short name
// have their full names, where it refuses the schema, and a STRUCT with more than
// one value is refused, where it writes the first and loses the others.
//
// # What other writers write
//
// A schema is read as far as it goes; the bytes of the data do not depend on what
// is passed over:
//
//   - A logical type that Avro's specification calls invalid is ignored. So a
//     decimal with a scale above its precision is BYTES, unless connect.name says
//     that Connect wrote it: Connect's decimals have any scale, and such a one is a
//     Decimal, as in Confluent's converter.
//   - A default that does not fit its type is none. One that is not of the first
//     type of a union is taken.
//   - Names may have any letters and digits, as Java's Avro allows.
//   - A union of one type is that type.
//   - Aliases, orders, the default of an enum, and properties nobody knows are
//     passed over; those that begin with avro. become parameters.
//
// Data is read by the schema it was written with; there is no reader's schema.
//
// Not carried, and each an [ErrSchema]: records that hold themselves, null as a
// type of its own, maps with other keys than strings. What Confluent's converter
// writes for such a map, an array of entries, is read as the ARRAY it is.
//
// # Names
//
// Labels such as x-forwarded-for and 1st are not names to Avro, which wants
// [A-Za-z_][A-Za-z0-9_]*. Each other byte becomes an underscore, an underscore
// comes before a leading digit, and a name that is taken gets a number:
//
//	{"name": "x_forwarded_for", "suiro.name": "x-forwarded-for", ...}
//
// The property suiro.name of the field keeps the original, which is the field's
// name again for all that read the schema through this package. Other readers,
// Hive among them, see the Avro name.
package avro
