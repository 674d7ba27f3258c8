// Package generator is a source connector that makes up records by an Avro schema, for demos, load
// and tests. It understands the configuration of Confluent's kafka-connect-datagen, and in the schema
// the arg.properties of its Avro Random Generator.
//
// # Numbers
//
// Records are numbered from 0. The seed and its number are all that a record is made of, so that a
// record is the same whenever and by whichever task it is made.
//
// The numbers are divided into 64 sequences: that of sequence s are s, s+64, s+128 and so on. A task
// has some of the sequences, and makes their records in the order of the numbers. So tasks never make
// the same record, whatever tasks.max is now and was before.
//
// # Offsets
//
// The source partition is {"sequence": s}, and the source offset {"number": n}, that of the last
// record. A connector that is started again goes on with the next number. With
// exactly.once.source.support=enabled in the worker's configuration each record is written exactly
// once; otherwise a crash repeats what was made since offsets were last kept.
package generator
