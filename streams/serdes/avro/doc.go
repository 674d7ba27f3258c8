// Package avro has the serdes of Avro, with one schema ([Schema]) or with a registry of
// schemas ([Registry]). Values are as package connect/data describes them: a record is
// a map[string]any. Use serdes.Converted to make a type of yours of it.
package avro
