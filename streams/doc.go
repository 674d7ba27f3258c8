// Package streams builds and runs stream apps: programs that read Kafka topics,
// transform and aggregate their records with local state, and write topics,
// exactly once. The words are Kafka Streams'.
//
// A topology is built from typed streams and run by an [app.App]:
//
//	b := streams.NewBuilder()
//	logs := streams.Stream(b, "access-ltsv", streams.Bytes(), streams.Bytes())
//	json := streams.MapValues(logs, toJSON)
//	streams.To(json, "access-json", streams.Bytes(), streams.Bytes())
//	topology, err := b.Build()
//	app, err := app.New(topology, props, nil)
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
// # Null
//
// A key or value may be null. Functions of streams get the zero value for it, or nil where
// a type has that; those of tables are not called. A function that returns nil makes null.
// Aggregates leave out records with a null key or value, which are counted as dropped, and a
// record with a null value deletes the key of a table. Serdes do not get null.
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
// A record that cannot be decoded, that a function rejects (see [Reject]), or that does not
// fit into its topic goes to the dead-letter topic with the reason in its headers when
// errors.dead.letter.queue.topic.name is set; otherwise it stops the app with an error that
// names it. Every other error of a function, and a panic, stops the app; the error of a panic
// has the stack.
//
// The keys deserialization.exception.handler, processing.exception.handler and
// production.exception.handler change that, as in Kafka Streams: with continue every failure
// of that kind leaves the record out, as a dead letter if there is a topic for them, and with
// fail each ends the app. Package handlers has the same as functions, which see what failed
// and where. They are asked wherever it fails: in a source, a node or a sink, at an update
// that is forwarded at the end of an epoch, and in a punctuation. A store that cannot be read
// is no record's fault, and ends the app in any case.
//
// # Running an app
//
// Package app runs a topology, shows what it is doing and has the readers of its stores. Package
// cli makes a program of a topology, with all keys as flags. Input and output topics must exist, unless
// create.topics is true. Each instance has a folder of its own, state.dir; with the
// same application.id, instances share the partitions.
//
// # Starting again from the beginning
//
// With all instances stopped, Reset of an app, and the command reset of programs of package
// cli, set the group back to the beginning of the input topics, or to another place, and
// delete the stores and the internal topics. These are
//
//	<application.id>-<store>-changelog
//	<application.id>-<name>-repartition
//	<application.id>-<name>-topic, of joins by a foreign key
//
// Do it on each machine that has state. Kafka's kafka-streams-application-reset.sh works
// too; then delete <state.dir>/<application.id> by hand. A change of the number of input
// partitions, of a window's Size, or of the name of a store or a repartition needs a
// reset, or another application.id. Names that are generated change with the nodes before
// them.
//
// # Kafka Streams apps
//
// The same topology written with Kafka Streams describes itself with the same text, and
// has the same internal topics, with the same bytes in them. With the same application.id
// it goes on from the other's state, offsets and stream time, both ways: stop the one,
// also by kill, and start the other. A killed member has to time out first. Each has a
// state folder of its own, and reads its state from the changelogs at first. This holds
// for the operators that there are here; see below for what is not there.
//
// The properties of the Kafka Streams app work as they are: [app.KafkaStreamsKeys] says what
// becomes of each, and [app.MetricDeviations] which metrics have other names. The guide
// docs/guides/streams-from-java.md moves an app step by step.
//
// # What stores hold
//
// A key is what its Serde makes of it, and so is a value: the store of [Count] with
// [String] keys holds UTF-8 text and eight bytes, big endian, which [Int64] reads. A
// windowed store keeps the start of the window with the key; queries get both. A value
// also has the timestamp of the latest record that changed it. Changelogs have the bytes of
// Kafka Streams: see package stores/format. [app.App.Store] shows the partitions that this instance has;
// nothing tells which instance has a key.
//
// # What kind of store
//
//	what Kafka Streams has                        here
//	Stores.persistentVersionedKeyValueStore       [Versioned], [NewVersionedKeyValueStore]
//	Stores.inMemoryKeyValueStore and its like     [InMemory], or default.dsl.store=in_memory for all
//	Stores.persistentKeyValueStore and its like   the default, and [OnDisk]
//	withLoggingEnabled, withLoggingDisabled       [WithLogging], [WithoutLogging]
//	withCachingEnabled, withCachingDisabled       [WithCaching], [WithoutCaching]
//
// [WithTTL] makes the keys of a table expire, which Kafka Streams does not have. Processors
// declare stores of their own ([NewKeyValueStore], [NewVersionedKeyValueStore],
// [NewWindowStore], [NewSessionStore]), and read those of tables ([StoreOf]).
//
// # Joins
//
//	what is joined       inner, left, outer                                     state
//	streams, in windows  [Join], [LeftJoin], [OuterJoin]                        two or three stores
//	stream and table     [JoinTable], [LeftJoinTable]                           that of the table; records in a grace
//	and global table     [JoinGlobal], [LeftJoinGlobal]                         the whole table, in each instance
//	tables               [JoinTables], [LeftJoinTables], [OuterJoinTables]      those of both
//	by a foreign key     [JoinForeignKey], [LeftJoinForeignKey]                 also subscriptions
//
// All but those with a global table and by a foreign key need topics that are partitioned in
// the same way.
//
// The function that makes a result gets pointers to the sides that may be missing, and
// what it returns is the value: nil is null. Records of streams without a key or value
// are dropped, but for those without a key on the side that a left or outer join keeps.
//
// # What is not there
//
//   - Standby tasks, and queries that are routed to other instances.
package streams
