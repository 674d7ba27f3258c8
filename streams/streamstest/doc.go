// Package streamstest runs a topology without a broker, so that a test can say
// what goes in and look at what comes out. It is Kafka Streams'
// TopologyTestDriver with several partitions, epochs and aborts.
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
// Send processes one record after the other, each to the end: what it causes
// in repartition topics is processed before the next one is looked at. So the
// same calls always give the same answer. In a running app records of
// different partitions may be processed in any order.
//
// # Epochs
//
// What was sent since the last [Driver.Commit] is one epoch. Its outputs,
// state and rejections are seen after Commit only, as by readers of committed
// records. [Driver.Abort] drops an epoch, and its records come again, as they
// do in an app. [Driver.Restart] does so with new tasks, on the state that is
// there or on one that is rebuilt from the changelogs.
//
// A Driver is used by one goroutine. After an error it is done with, as an app
// is that stopped; what was committed can still be read.
package streamstest
