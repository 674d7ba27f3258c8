// Package predicates holds predicates, which say to which records a transform
// applies. Kafka Connect's are
//
//   - [HasHeaderKey]: records with a header of a name
//   - [RecordIsTombstone]: records whose value is null
//   - [TopicNameMatches]: records whose topic matches a regular expression
//
// and our own
//
//   - [InSample]: a share of the records, by a hash
//   - [RecordMatches]: records for which an expression is true
//
// Those of Kafka Connect have the keys and the names of the Java classes. The
// expressions that TopicNameMatches takes are those of [RegexRouter].
//
// [RegexRouter]: https://pkg.go.dev/github.com/suiro/suiro/transforms/routers#RegexRouter
package predicates
