// Package ocf writes and reads Avro's object container files: a header with the
// schema, and blocks of records, each compressed by a codec.
//
//	file   = "Obj" 1 | metadata: avro.schema, avro.codec, … | sync marker | block…
//	block  = records | bytes | compressed records | sync marker
//
// The sync marker is 16 random bytes, the same throughout a file. Numbers are
// Avro's long; metadata is Avro's map of bytes.
//
// A file may come from anyone: a header of more than [MaxHeader] bytes and a block of
// more than [MaxBlock] are refused before they are in memory.
//
// The codecs bzip2, xz and zstandard are not there, and neither is appending to a
// file that exists.
package ocf
