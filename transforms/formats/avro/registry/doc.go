// Package registry is a client of a schema registry with Confluent's API. It
// writes and reads the messages of topics whose schemas are in the registry.
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
// An answer about a schema is final: the registry has no such id, or the schema is
// not compatible. All other errors are retriable ([connect.IsRetriable]), because
// no record is at fault: there is no answer, or one about something else, such as a
// wrong password.
//
// # What is not there
//
// Schemas other than Avro, schema ids in record headers, normalizing schemas before
// they are registered, and subject name strategies besides Confluent's three.
package registry
