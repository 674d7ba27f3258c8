// Package connect is what an author of a connector, converter or transform
// implements, with Kafka Connect's names and contracts.
//
// A source connector plans [SourceTask]s that poll an outside system and hand
// out records with a source offset; the worker converts them, produces them
// and keeps the offsets of the longest acknowledged prefix, so that offsets
// move after data. A sink connector plans [SinkTask]s; the worker consumes,
// converts and puts records, and commits the Kafka offsets the task says are
// safe.
//
// # Records stay bytes until someone looks
//
// A record's key and value are a [Payload]: the bytes as they came from Kafka
// and the converter that can decode them. A sink that wants JSON asks for the
// untouched bytes with [Payload.Raw] and decodes only when there are none.
//
// # Who calls what
//
// The worker calls Start, then the other methods of one task from one
// goroutine, never two at a time; Stop comes last. Each context is cancelled
// when the task is told to stop; a task returns soon after. An error that is
// [Retriable] makes the worker wait and try the same call again; any other
// ends the task.
//
// The package imports no Kafka client and no connector.
package connect
