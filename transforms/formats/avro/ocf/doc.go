// Package ocf writes and reads Avro's object container files: a schema, and
// blocks of records that are packed by a codec.
package ocf
