// Package jsonconv is Kafka Connect's JsonConverter: Connect's data as JSON text, with or without its schema beside it.
//
// With schemas.enable, which is the default, a message is an envelope
//
//	{"schema":{"type":"struct","fields":[{"type":"int32","optional":false,"field":"status"}],"optional":false},
//	 "payload":{"status":200}}
//
// byte for byte as the Java converter writes it, save two things that mean the
// same: the order of free parameters, which Java leaves open and is by name here,
// and characters above U+FFFF, which Java writes as two escapes. Without, a
// message is the payload alone and data read from it has no schema.
//
// # Values
//
//	bytes                    base64 text
//	Decimal                  base64 of the unscaled number, or a number with decimal.format=NUMERIC
//	Date                     days since 1970
//	Time, Timestamp          milliseconds
//	map with string keys     object; with any other keys an array of [key, value]
//	NaN, infinities          the texts "NaN", "Infinity", "-Infinity", which cannot be read back
//
// Data without a schema comes as nil, bool, int64, float64, string, []any and
// map[string]any. A number out of the range of int64, or with a fraction or an
// exponent of float64, comes as a json.Number with all its digits. A fraction
// within that range is rounded to the nearest float64, as in Java.
//
// Text that is not one JSON value in UTF-8 is an error. Of a key that occurs
// twice in an object the last counts.
package jsonconv
