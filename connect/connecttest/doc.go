// Package connecttest helps authors of connectors, converters, transforms and
// predicates to test them without a broker.
//
// [RunSource], [RunSink], [RunConverter], [RunTransform], [RunPredicate] and
// [RunOffsetStore] are the contracts as code: each implementation calls its
// suite from a test and passes it whole.
//
// [NewSinkContext] and [NewSourceContext] are fakes of what a worker offers a
// task: they record what the task asks for and let a test play the broker's
// part. [StartSink] and [StartSource] run a task as a worker does, one call at
// a time, and fail the test when the task breaks a promise of the contract:
//
//	sink := connecttest.StartSink(t, Plugin().Info, task, props)
//	sink.Open(p0)
//	sink.Put(connecttest.Records(p0, 0, `{"a":1}`, `{"a":2}`)...)
//	got := sink.Commit() // never ahead of what was put, never backwards
//
// A [Validator] is fed what an outside system shows and what was committed,
// and reports loss, disorder and offsets ahead of the data.
package connecttest
