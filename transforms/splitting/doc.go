// Package splitting holds the transform that makes several records of one:
//
//   - [Split], which Kafka Connect does not have
//
// There, a transform makes one record or none.
package splitting
