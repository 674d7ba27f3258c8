// Package converters holds the converters of Kafka Connect: each turns the bytes
// of record keys, values or headers into Connect's data and back. They are thin:
// what a format means is said and done in the packages of transforms/formats.
//
// A converter is configured by the keys of the Java class it is named for, and
// its plugin carries that name.
package converters

// version is shown for each converter of this package.
const version = "0.1.0"
