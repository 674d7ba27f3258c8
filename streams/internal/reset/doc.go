// Package reset sets a stopped app back, as Kafka's tool kafka-streams-application-reset
// does: the offsets of its input topics are moved, and its internal topics are deleted.
// Output topics stay as they are.
package reset
