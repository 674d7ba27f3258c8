// Package routers holds the transforms that change a record's topic:
//
//   - [ExpressionRouter] by what is in the record, which Kafka Connect does not have
//   - [RegexRouter] by a regular expression
//   - [TimestampRouter] by the record's timestamp
//
// Sinks name tables, indices and folders by the topic. How they differ from Kafka
// Connect's classes is said in package transforms.
package routers
