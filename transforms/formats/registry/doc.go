// Package registry is a client of a schema registry with Confluent's API. It
// writes and reads the messages of topics whose schemas are in the registry, in the
// [Format] of the schemas: [Avro], or those of packages jsonschema and protobuf.
//
// # Messages
//
// A message is
//
//	0 | schema id, 4 bytes, big endian | what the format makes of the value
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
// # What is not believed
//
// Whoever may register a schema, or answers in the place of the registry, decides no
// more than the data of the records. An answer of more than 8 MiB, a schema of more
// than 4 MiB with those it refers to, and more than 1,000 references are final errors.
// A redirect to another server is not followed, an id that is not from 0 to 2^31-1 is
// refused, what is remembered is bounded in bytes as well as in number, and errors
// show the beginning of an answer, without the password or token that was sent.
//
// # What is not there
//
// Schema ids in record headers, contexts, rules and metadata of schemas, tokens from an
// OAuth server, and subject name strategies besides Confluent's three.
package registry
