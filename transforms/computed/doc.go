// Package computed holds the transform that sets fields to what expressions over the
// record give:
//
//   - [SetField], which Kafka Connect does not have
//
// ReplaceField and the other transforms of package transforms leave out, keep, rename
// and cast fields.
package computed
