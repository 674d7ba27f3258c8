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
// # When a plugin breaks a promise
//
// The worker finds out and says so by name, in the status of the task and in the
// log; it never writes or commits what it cannot vouch for:
//
//   - A nil record from Poll ends this life of the task, and so does an offset from
//     PreCommit beyond what was put. The records before it are written.
//   - A source record without a topic, or for a partition that the topic does not
//     have, is a bad record: errors.tolerance decides what happens to it.
//   - A topic that does not exist, and that the connector may not create, ends this
//     life of the task; the error says which keys create it.
//   - A Poll that returns at once without records is slowed down to a few calls a
//     second, and a line in the log says so once.
//   - A panic of a converter, transform or predicate makes a bad record. One of a
//     task ends its life, and nothing but Stop is called then. The process goes on.
//   - A metric that is registered twice, or whose name Prometheus does not take, is
//     a panic of the client library when it is registered in Start by
//     MustRegister, and ends the life as well.
//
// A life that ends with an error is followed by another after a pause, with a new
// task, from what is committed; see errors.restart.max.
//
// The package imports no Kafka client and no connector.
package connect
