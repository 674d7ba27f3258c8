// Package connect is what an author of a connector, converter or transform
// implements, with Kafka Connect's names and contracts.
//
// A source connector plans [SourceTask]s, which poll an outside system and return
// records, each with a source offset. The worker converts and produces the
// records, and keeps a source offset only once every record up to it is
// acknowledged, so that offsets never get ahead of data. A sink connector plans
// [SinkTask]s. The worker consumes, converts and puts records, and commits the
// Kafka offsets that the task says are safe.
//
// # Records stay bytes until they are decoded
//
// A record's key and value are a [Payload]: the bytes as they came from Kafka
// and the converter that can decode them. A sink that wants JSON asks for the
// untouched bytes with [Payload.Raw] and decodes only when there are none.
//
// # Who calls what
//
// The worker calls the methods of one task from one goroutine, Start first and
// Stop last. Each context is cancelled when the task is to stop, and the method
// then returns soon. After an error that is [Retriable] the worker waits and makes
// the same call again; any other error ends the task.
//
// The package imports no Kafka client and no connector.
package connect
