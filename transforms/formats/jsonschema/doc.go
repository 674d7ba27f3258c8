// Package jsonschema carries Kafka Connect's data to JSON with a JSON Schema and back.
//
// [Format] is what package registry writes and reads messages with; the
// JsonSchemaConverter is in package converters.
//
// # Schemas
//
//	Connect                         JSON Schema
//	INT8, INT16, INT32, INT64       integer with connect.type int8, int16, int32, int64
//	FLOAT32, FLOAT64                number with connect.type float32, float64
//	BOOLEAN, STRING                 boolean, string
//	BYTES                           string with connect.type bytes, base64
//	ARRAY                           array with items
//	MAP with string keys            object with connect.type map and additionalProperties
//	MAP with other keys             array with connect.type map, of objects with key and value
//	STRUCT                          object with properties, in the order of connect.index
//	STRUCT with name [UnionName]    oneOf
//	STRING with [EnumParameter]     enum
//	Date, Time, Timestamp, Decimal  the type that they are stored as, with their name as title
//	optional T                      oneOf null and T
//	name, version, doc, default     title, connect.version, description, default
//	parameters                      connect.parameters
//
// An integer or a number without connect.type is INT64 or FLOAT64. Decimals are base64
// text, or with [Options] numbers. A field that a message does not have is its default or
// else null, even if it is not optional: required says nothing to Kafka Connect, unless
// [Options] says so. Of a message, members that the schema does not have are left out.
//
// A reference ($ref) is to a part of the same schema, to what has that $id or $anchor in
// it, or to a schema that the registry has as a reference of this one.
//
// # Unions
//
// oneOf and anyOf of several types, and a list of types, are a STRUCT with an optional
// field for each, as in Confluent's converter; the STRUCT is optional when null is among
// them. The fields are named by their number:
//
//	io.confluent.connect.json.OneOf.field.0
//
// Only the field of the type that a message's value has is not null: the first whose JSON
// type fits, or of several objects the one that has most of the members. allOf is an
// object with the properties of all, or else what its parts say together.
//
// # Differences from Confluent's converter
//
//   - Fields without connect.index are in the order of the text; there, in that of a hash.
//   - An object with no properties whose additionalProperties are a schema is a MAP; there,
//     a STRUCT without fields, which loses all of them.
//   - An enum of numbers or booleans is of their type; there, a STRING that is null.
//   - Bytes in a union are found; there, they are not.
//   - A default that does not fit its type is ignored; there, it becomes another one.
//   - Values that do not fit their type are errors, as in JsonConverter: see package
//     converters.
//   - A title that is the name of a logical type on another type is none.
//   - What allows any value, such as {} or true, is an [ErrSchema]; there, a Variant.
//   - A value that is written with use.latest.version or use.schema.id is checked against
//     that schema; there, the two schemas are compared.
//   - Without connect.version there is no version; there, it is that of the registry.
//
// # Limits
//
// What a message or a schema can stand for is bounded, as in package avro. Types that
// contain themselves are an [ErrSchema], because schemas of Kafka Connect are finite here.
// Nothing is read from the addresses that a schema names.
package jsonschema
