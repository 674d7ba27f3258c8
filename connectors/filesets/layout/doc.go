// Package layout decides into which directory a record goes: a [Partitioner]
// makes a path such as dt=2015-05-17/hour=10 from a record's time or fields. It
// knows the partitioners of Confluent's storage sinks by their names, and the
// part of Joda-Time's patterns that makes sense in a path.
package layout
