// Package registry is a client of a schema registry with Confluent's API, and
// the messages of topics whose schemas are in it.
//
// # Messages
//
// A message is
//
//	0 | schema id, 4 bytes, big endian | datum
//
// as Confluent's serializers write it.
//
// # Errors
//
// What the registry says about a schema is final: that it has no such id, or that
// the schema is not compatible. While it says nothing, or nothing about the
// schema, as for a wrong password, errors are retriable: no record is at fault.
package registry
