// Package jsonpick encodes JSON text as Avro directly, without values in between: a
// [Picker] takes the fields of a schema out of JSON objects and ignores the rest.
//
//	JSON                           Avro
//	number                         int, long, float, double, decimal
//	true, false                    boolean
//	string                         string, enum; bytes and fixed in base64
//	number or RFC 3339 string      timestamp-millis
//	array                          array
//	object                         record, map
//	object with one type's value   a union of several types
package jsonpick
