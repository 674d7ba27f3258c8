// Package redaction holds the transform that takes personal data and secrets out of
// text:
//
//   - [Redact], which Kafka Connect does not have
//
// MaskField of package transforms replaces fields as a whole, whatever is in them.
package redaction
