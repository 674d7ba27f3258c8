// Package streams builds and runs stream apps: programs that read Kafka topics,
// transform and aggregate their records with local state, and write topics,
// exactly once. The words are Kafka Streams'.
//
// A topology is built from typed streams and run by an [App]:
//
//	b := streams.NewBuilder()
//	logs := streams.Stream(b, "access-ltsv", streams.Bytes(), streams.Bytes())
//	json := streams.MapValues(logs, toJSON)
//	streams.To(json, "access-json", streams.Bytes(), streams.Bytes())
//	topology, err := b.Build()
//	app, err := streams.New(topology, props, nil)
//	err = app.Run(ctx)
//
// Go has no generic methods, so operators that change a type are functions and
// those that keep it are methods of [KStream].
//
// # Goroutines
//
// A function given to an operator is called by many tasks at the same time, each
// on a goroutine of its own. What the function keeps between calls is shared by
// the tasks, unless it is made in [Process]. A [Record] is valid during the
// call; its key and value may be kept.
//
// # Guarantees
//
// With processing.guarantee=exactly_once_v2, the default, the records that a
// task read, wrote and stored take effect together or not at all, no matter
// what is killed and when. With at_least_once they may take effect more than once after a
// failure. Readers of the output must read committed records only
// (isolation.level=read_committed) to see the first guarantee.
//
// # Errors
//
// A record that cannot be decoded, processed or written goes to the
// dead-letter topic with the reason in its headers when
// errors.dead.letter.queue.topic.name is set; otherwise it stops the app with
// an error that names it. See [Reject].
package streams
