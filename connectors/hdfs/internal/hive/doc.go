// Package hive registers directories of Avro files as partitions of external
// Hive tables, by the metastore's Thrift protocol. It is the only package that
// imports the metastore's client.
//
// A table is made when it is missing and gets the columns of its Avro schema,
// which also stands in the property avro.schema.literal: that is what Hive's
// AvroSerDe reads files by, whatever schema they were written with. Fields that
// have the name of a partition column are in neither. A newer schema replaces
// it when all it does is to add fields with defaults at the end; Hive reads
// columns of older partitions by position.
package hive
