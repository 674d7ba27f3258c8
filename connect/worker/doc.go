// Package worker runs connectors: it starts what package plan compiled,
// supervises the tasks, restarts those that fail, and stops them.
//
// [New] takes the worker's configuration and the plugins; [Worker.Start] opens
// what all connectors share. [Worker.StartConnector] starts a connector alone, whose
// [Connector.TaskConfigs] plans its tasks; [Worker.StartTask] runs a task in a
// goroutine of its own until [Task.Stop], whether its connector runs here or on
// another worker. Both tell each change of what they do. What should run where is
// decided elsewhere, by a herder.
//
// # Offsets move after data
//
// A sink's offset is committed when the task says that everything below is
// written and every dead letter below is acknowledged, and never backwards. A
// source's offset is kept when every record before it in the same source
// partition is acknowledged, or, with exactly.once.source.support=enabled, in
// the transaction that holds those records. A task that fails commits what is
// safe before it ends, as one that is stopped does.
//
// # What is not Kafka Connect's
//
//   - A failed task is restarted after a pause that doubles up to
//     errors.restart.delay.max.ms; errors.restart.max=0 turns that off. At a bad record
//     it is restarted errors.restart.record.max times, and after the longest pause when
//     it was refused for want of a permission.
//   - A sink task that makes no progress while its lag grows says so in its status,
//     after errors.stall.timeout.ms.
//   - A source in exactly-once mode that fails commits what it sent before the
//     failure, instead of aborting it, unless Kafka refused one of these records.
//     A sink puts what precedes a bad record. Otherwise one bad record would keep
//     the good ones before it from ever arriving.
//   - Sources have dead letters too.
//   - The client keys of the worker, security included, hold for producers and
//     consumers without repeating them under producer. and consumer., which
//     still override.
//   - Sinks read with isolation.level=read_committed unless
//     consumer.override.isolation.level says otherwise, because what stream
//     applications write is transactional.
//   - Dead letters carry their context in headers unless
//     errors.deadletterqueue.context.headers.enable is false. One that its topic
//     refuses as too large holds the first 4096 bytes and the sizes.
//   - A task that breaks a promise is told so by name: a nil record, a partition that
//     does not exist, an offset beyond what was put. A Poll that does not wait is
//     slowed down.
//   - Records that retention deletes before a sink reads them are logged and
//     counted.
//   - An unknown key is an error, unless it is known to belong to another part of
//     Kafka's ecosystem.
//   - A standalone worker can do exactly-once sources.
package worker
