// Package node has what the operators of package streams pass to each other within one
// task: records, changes of tables, and the functions that take them.
//
// # Null
//
// A key or value may be null, as in Kafka. A type with a nil has it as its null; of
// another type, such as a number, null is the zero value with a mark on the record.
// Serdes never see null.
package node
