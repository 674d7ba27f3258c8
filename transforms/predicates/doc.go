// Package predicates holds Kafka Connect's predicates, which say to which
// records a transform applies:
//
//   - [HasHeaderKey]: records with a header of a name
//   - [RecordIsTombstone]: records whose value is null
//   - [TopicNameMatches]: records whose topic matches a regular expression
//
// A predicate has the keys and the name of the Java class that it stands for. The
// expressions that TopicNameMatches takes are those of [RegexRouter].
//
// [RegexRouter]: https://pkg.go.dev/github.com/suiro/suiro/transforms/routers#RegexRouter
package predicates
