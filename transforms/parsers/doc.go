// Package parsers holds the transforms that make data of text, where the text is the
// whole key or value, or one field:
//
//   - [ParseJSON] reads a JSON value
//   - [ParseLTSV] reads a record of labelled tab-separated values
//   - [UnpackCookie] reads the Cookie header of HTTP
//   - [ParseUserAgent] reads the User-Agent header of HTTP
//   - [GeoIP] looks up an IP address in a database of places and networks
//
// Kafka Connect has none of them: there, only a converter reads text, and only a whole
// key or value. Text comes as a string or as bytes in UTF-8; null stays null, and text
// that cannot be read is an error, which makes the record a bad one. A field that is not
// there stays away.
//
// What the transform makes of a field takes its place, or goes into a field beside it.
// Data with a schema can only take in data with a schema, so that each transform has a
// way to say which.
package parsers
