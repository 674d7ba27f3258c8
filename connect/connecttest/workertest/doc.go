// Package workertest runs plugins in a whole worker, on an embedded Kafka, within a
// test:
//
//	w := workertest.New(t, plugins, nil)
//	w.CreateTopic("orders", 2)
//	w.Start(map[string]string{"name": "out", "connector.class": "MySink", "topics": "orders"})
//	w.Produce("orders", "a", "b")
//	w.Kill()    // as by SIGKILL: no task is stopped, nothing is committed
//	w.Restart() // another process on the same Kafka
//	w.Eventually("both records", func() bool { return len(outside.records()) >= 2 })
//
// [RunSink] and [RunSource] are suites for connectors: they kill the worker and
// move partitions, at moments that a seed chooses, and check that nothing is lost,
// that offsets are never ahead of the data, and that nothing comes twice where the
// connector promises it. [RunTransform] checks that what a transform refuses becomes a dead
// letter.
//
// What a task can do within one call of a worker is tested faster with package
// connecttest, which needs no Kafka. This package stands apart from it, because the
// worker's own tests use connecttest.
//
// # How a process is killed that lives on
//
// Kill cuts every connection of the worker to Kafka and refuses new ones, and no
// call of the worker reaches a plugin any more. The coordinator drops the worker's
// members of consumer groups, as it does when their sessions time out. A goroutine
// that a task has started itself goes on, like a machine that was taken for dead:
// what it still writes must do no harm. The tasks are stopped when the test ends.
package workertest
