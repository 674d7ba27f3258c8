// Package samples reads records that people write to try a connector with, one on a line:
//
//	{"topic": "orders", "key": "a", "value": {"order": 1}, "headers": {"shop": "tokyo"}}
//
// or lines of any text, each of which is the value of a record. [Reader] tells the two apart
// by the first line.
//
// A record may have topic, partition, offset, timestamp (milliseconds since 1970, or a time
// such as 2026-01-31T12:00:00Z), key, value and headers (an object, or a list of objects
// with key and value). key_base64 and value_base64 are bytes of any kind.
//
// For a sink, the bytes in Kafka are the text of a JSON string, and the JSON itself of
// anything else. For a source, values are data: what a JsonConverter makes of the JSON, with
// a schema when it is {"schema": ..., "payload": ...}.
package samples
