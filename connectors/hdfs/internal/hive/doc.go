// Package hive registers directories of files as partitions of external Hive
// tables, by the metastore's Thrift protocol. It is the only package that
// imports the metastore's client.
//
// A table is made when it is missing, with the columns of the records' schema
// and the properties that the format of the files gives. Fields that have the
// name of a partition column are in neither. A newer schema replaces that of the
// table when all it does is to add fields at the end that older records can lack;
// Hive reads columns of older partitions by position.
package hive
