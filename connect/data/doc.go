// Package data is Kafka Connect's data model: a [Schema] describes a value,
// and a value is a plain Go value.
//
//	INT8 INT16 INT32 INT64   int8 int16 int32 int64
//	FLOAT32 FLOAT64          float32 float64
//	BOOLEAN STRING BYTES     bool string []byte
//	ARRAY                    []any
//	MAP                      map[string]any where keys are strings, map[any]any where they are
//	                         numbers, booleans or times, Pairs where Go cannot compare them
//	STRUCT                   map[string]any, one entry a field; order is the schema's
//	Decimal                  *big.Rat (scale in the schema's parameter "scale")
//	Date, Time, Timestamp    time.Time in UTC
//
// A nil Schema means schemaless data: nil, bool, int64, float64, json.Number,
// string, []any and map[string]any, as JSON gives them. Null is nil. A value or
// a schema that has been handed on is never changed: copy it first.
//
// A value has one JSON form, [AppendJSON], and one text form, [AppendText].
// Whatever writes values, be it a converter, a sink, a header or a dead letter,
// uses one of them, so that a value looks the same wherever it is written. A sink
// that needs a value as text, as a number or as JSON calls [Text], [Number] or
// [JSON], and no type switch.
package data
