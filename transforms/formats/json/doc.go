// Package json reads and writes Connect's data as JSON text, with its schema or
// without, as Kafka Connect's JsonConverter does. Values are written in
// the one JSON form of [data.AppendJSON].
//
// An envelope is a message with its schema:
//
//	{"schema":{"type":"struct","fields":[{"type":"int32","optional":false,"field":"status"}],"optional":false},
//	 "payload":{"status":200}}
//
// Text is strictly one JSON value in UTF-8 (RFC 8259), nested at most 1000 deep.
// Of a name that occurs twice in an object the last counts. Half of a surrogate
// pair, as the escape \ud800, is U+FFFD.
//
// Read without a schema, data comes as nil, bool, int64, float64, string, []any
// and map[string]any. A number out of the range of int64, or with a fraction or
// an exponent out of that of float64, comes as a json.Number with all its digits.
// Read by a schema, numbers must fit it; integers may be written as 1.0 or 1e2.
package json
