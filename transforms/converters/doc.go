// Package converters holds the converters of Kafka Connect: each turns the bytes
// of record keys, values or headers into Connect's data and back. They are thin:
// what a format means is said and done in the packages of transforms/formats.
//
// A converter is configured by the keys of the Java class it is named for, and
// its plugin carries that name.
//
// # Differences from Kafka Connect
//
// JsonConverter:
//
//   - A message is exactly one JSON value in UTF-8, because sinks may pass it on as it is. Kafka Connect takes
//     empty text for null, 007 for 7, ignores what follows a value, and guesses UTF-16.
//   - A value of another JSON type than its schema has is an error; Kafka Connect makes it 0, false, null or [].
//   - A number out of the range of its schema is an error, and so is a fraction for an integer; Kafka Connect cuts.
//   - A number that is neither INT64 nor FLOAT64 keeps its digits when there is no schema; Kafka Connect wraps it
//     or makes it infinite. -0 keeps its sign.
//   - Half of a surrogate pair, such as the escape \ud800, becomes U+FFFD, because UTF-8 has no bytes for it.
//   - A decimal is brought to the scale of its schema, and one with more digits than that is an error; Kafka
//     Connect writes a number of another schema, and cannot write what it has read.
//   - Base64 has no blanks in it; Kafka Connect takes them between groups of four characters.
//   - A decimal has at most 10,000 digits; in Kafka Connect any number has at most 1000.
//   - The default of a struct can be read; Kafka Connect can write one only.
//   - Integers and floats of another size are written when they fit the schema, and times and decimals without a
//     schema as numbers; Kafka Connect refuses them.
//   - An empty name, an empty doc and version 0 count as none, and a logical name on another type means nothing.
//   - Maps are written sorted by key, and characters above U+FFFF as they are; Kafka Connect writes maps in the
//     order of their hashes and two escapes.
//
// StringConverter:
//
//   - Bytes that are not UTF-8 are kept, so that writing them again loses nothing; Kafka Connect makes them U+FFFD.
//   - In any other encoding, a character that it does not have is an error, and so are bytes that it does not
//     have; Kafka Connect makes them ? and U+FFFD. Names of encodings and their tables are those of IANA and
//     WHATWG, so names that only Java knows are refused.
//   - Bytes are refused, and are base64 within lists, maps and structs; Kafka Connect writes their address in
//     memory.
//   - Dates are in UTC; Kafka Connect has them in the zone of the machine.
//   - Floats have the fewest digits that tell them apart, as in Java from version 19 on.
//
// ByteArrayConverter and SimpleHeaderConverter:
//
//   - Header bytes that are not UTF-8 are read as bytes. See package text for what SimpleHeaderConverter reads.
//
// All converters: an unknown key is an error, so that a misspelt one is found; Kafka Connect logs a warning.
package converters

import "github.com/suiro/suiro/connect/config"

// typeKey is a key that Kafka Connect's own converters have.
func typeKey() config.Key {
	return config.Key{Name: "converter.type", Type: config.String, Importance: config.Low,
		Valid: config.OneOf(true, "", "key", "value", "header"),
		Doc:   "What the converter is used for. It has no effect, because the worker knows."}
}
