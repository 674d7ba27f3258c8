// Package connecttest helps authors of connectors, converters, transforms and
// predicates to test them without a broker. Package workertest, below it, runs them in
// a whole worker on an embedded one.
//
// [RunSource], [RunSink], [RunConverter], [RunHeaderConverter], [RunTransform] and
// [RunPredicate] are suites: each checks everything that an interface promises.
// Every implementation of the interface runs its suite in a test.
//
// [NewSinkContext] and [NewSourceContext] are fakes of what a worker offers a
// task: they record what the task asks for, and the test answers as a worker
// would. [StartSink] and [StartSource] run a task as a worker does, one call at a
// time, and fail the test when the task breaks a promise of its interface:
//
//	sink := connecttest.StartSink(t, Plugin().Info, task, props)
//	sink.Open(p0)
//	sink.Put(connecttest.Records(p0, 0, `{"a":1}`, `{"a":2}`)...)
//	got := sink.Commit() // never ahead of what was put, never backwards
//
// A [Validator] is given the records that arrived in an outside system and the
// offsets that were committed. It reports records that were lost or out of order,
// and offsets that were ahead of the data.
package connecttest
