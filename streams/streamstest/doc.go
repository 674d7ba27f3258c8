// Package streamstest runs a topology without a broker: a test writes input and
// reads output. It is Kafka Streams' TopologyTestDriver with several partitions,
// epochs and aborts.
//
//	d, err := streamstest.New(topology, &streamstest.Options{Partitions: 4})
//	in := streamstest.Input(d, "words", streams.String(), streams.String())
//	err = in.Send("key", "value")
//	err = d.Commit()
//	records := d.Read("counts")
//
// The tasks are those of an app, with their stores, changelogs, size limits
// and rejections; goka and Kafka are left out.
//
// # Order
//
// Send processes one record after the other, each to the end: what it causes in
// repartition topics is processed before the next record, the earliest record of all
// partitions first, as a task of an app takes them. So the same calls always
// give the same answer. In a running app, records of different partitions may be
// processed in any order.
//
// # Epochs
//
// What was sent since the last [Driver.Commit] is one epoch. Its outputs,
// state and rejections are visible only after Commit, as to readers of committed
// records. [Driver.Abort] drops an epoch, and its records are processed again, as
// in an app. [Driver.Restart] does so with new tasks, on the existing state or on
// state that is rebuilt from the changelogs.
//
// A Driver is used by one goroutine. After an error it has stopped, as an app would
// have; what was committed can still be read.
package streamstest
