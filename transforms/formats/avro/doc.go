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
//	Date, Time, Timestamp           date, time-millis, timestamp-millis
//	Decimal                         bytes with decimal
//	optional T                      ["null", T], default null; [T, "null"] with another default
//	STRING, BYTES with parameters   enum, fixed
//
// Timestamps are in milliseconds because Hive takes microseconds for
// milliseconds. A logical type of Avro that Connect has no type for, as
// timestamp-micros, stays the integer or text it stands on, and its name comes
// back when the schema is written again. A record without a name is called
// io.confluent.connect.avro.ConnectDefault, with a number from the second on.
//
// Not carried: unions of more than null and one type, records that hold
// themselves, maps with other keys than strings. Each is an [ErrSchema].
//
// # Names
//
// Labels as x-forwarded-for and 1st are no names to Avro, which wants
// [A-Za-z_][A-Za-z0-9_]*. Each other byte becomes an underscore, an underscore
// comes before a leading digit, and a name that is taken gets a number:
//
//	{"name": "x_forwarded_for", "suiro.name": "x-forwarded-for", ...}
//
// The property suiro.name of the field keeps the original, which is the field's
// name again for all that read the schema through this package. Other readers,
// Hive among them, see the Avro name.
package avro
