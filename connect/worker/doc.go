// Package worker runs the tasks of connectors: it moves records between Kafka
// and the tasks, through converters and transforms, and keeps the positions.
//
// [New] takes the worker's configuration and the plugins; [Worker.Start] opens
// what all connectors share; [Worker.StartConnector] plans a connector's tasks
// and runs each in a goroutine of its own until [Connector.Stop]. What should
// run where is decided elsewhere, by a herder.
//
// # Offsets move after data
//
// A sink's offset is committed when the task says that everything below is
// written and every dead letter below is acknowledged, and never backwards. A
// source's offset is kept when every record before it in the same source
// partition is acknowledged, or, with exactly.once.source.support=enabled, in
// the transaction that holds those records.
//
// # What is not Kafka Connect's
//
// A failed task restarts itself after a pause that doubles up to
// errors.restart.delay.max.ms. Sources have dead letters too. The client keys
// of the worker, security included, hold for producers and consumers without
// repeating them under producer. and consumer., which still override. Sinks
// read with isolation.level=read_committed unless
// consumer.override.isolation.level says otherwise, because what stream
// applications write is transactional. Dead letters carry their context in
// headers unless errors.deadletterqueue.context.headers.enable is false, and one
// that its topic refuses as too large holds the first 4096 bytes and the sizes.
// An unknown key is an error. A standalone worker can do exactly-once sources.
package worker
