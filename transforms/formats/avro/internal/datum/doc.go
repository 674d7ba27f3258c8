// Package datum encodes and decodes single values in Avro's binary form. A [Type]
// is a Connect schema compiled for this. What Avro has and Connect does not, such
// as the symbols of an enum, is kept in parameters of the schema, which are named
// here.
package datum
