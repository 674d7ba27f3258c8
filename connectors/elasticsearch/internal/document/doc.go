// Package document knows the one JSON form that Elasticsearch gets: whether the
// bytes of a record are a document as they are, and how Connect's data is
// written as one.
//
// # One meaning
//
// A record means the same whether its bytes are copied or decoded and encoded:
// the scanner finds where the two could differ and reports such bytes as
// ambiguous, and those are decoded. What remains is a matter of spelling: white
// space, escapes, the order of fields, 1e2 or 100.0, -0 or 0, digits of a
// fraction that no double holds.
//
// # Where Elasticsearch needs another form
//
// Data is written as Kafka Connect's JsonConverter writes it (see
// [data.AppendJSON]), with these exceptions, all in [Encoder]:
//
//	Decimal   a number with all its digits, not base64: Elasticsearch cannot
//	          search or add up base64
//	Date      "2006-01-02", not days since 1970: a date field takes a bare
//	          number for milliseconds
//	map       with a schema, and keys that are not strings or maps that are not
//	          compact: a list of objects with "key" and "value", as Confluent's
//	          sink has it, because Elasticsearch refuses lists of mixed types
package document
