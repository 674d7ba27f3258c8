// Package datum writes and reads the binary encoding of Avro, a datum, for a
// schema of Kafka Connect. A [Type] is that schema compiled; what Avro says and
// Connect has no place for, such as the symbols of an enum, is in the schema's
// parameters, which are named here.
package datum
