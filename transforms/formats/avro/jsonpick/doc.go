// Package jsonpick goes from JSON text to Avro without the data between: a
// [Picker] encodes the fields of a schema out of JSON objects and leaves the rest.
package jsonpick
