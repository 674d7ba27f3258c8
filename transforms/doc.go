// Package transforms holds Kafka Connect's single-message transforms: each
// changes one record on its way through a connector, or drops it.
//
// A transform is configured by the keys of the Java class it is named for, and
// its plugin carries that name. Those that work on a record's key or value come
// as two plugins, whose names end with $Key and $Value. Data without a schema
// must be a map, data with one a struct; null, as in a tombstone, is passed
// on unchanged.
//
// Transforms are pure: a record that was given is never changed. They remember
// only which schema they made of which, so that equal records keep one schema
// and a sink does not take each for a new one.
//
// The folders below hold the formats: parsers, encoders and converters.
package transforms
