// Package configs keeps what a Connect cluster was told to run: the configurations of
// its connectors and tasks, their target states, and what workers tell each other
// through the same log.
//
// # The config topic
//
// [Open] reads and writes Kafka Connect's own format, so that the topic of a Java
// worker can be used further, and by both at the same time. It is compacted, has one
// partition and is written by one worker at a time, the leader; target states and log
// levels alone may come from any worker.
//
//	connector-<name>          {"properties":{…}}, or null for a connector that was removed
//	task-<name>-<n>           {"properties":{…}}
//	commit-<name>             {"tasks":2}
//	target-state-<name>       {"state":"PAUSED","state.v2":"STOPPED"}, or null
//	restart-connector-<name>  {"include-tasks":true,"only-failed":false}
//	tasks-fencing-<name>      {"task-count":2}
//	session-key               {"key":"<base64>","algorithm":"HmacSHA256","creation-timestamp":1}
//	logger-cluster-<logger>   {"level":"DEBUG"}
//
// state is for workers that do not know STOPPED.
//
// The configurations of tasks count from their commit on, so that nobody runs half
// of the old and half of the new ones. Compaction may remove some that an older commit
// refers to. A connector whose last commit lacks some is [State.Inconsistent]: it must
// plan its tasks again.
//
// # Use
//
//	store, err := configs.Open(ctx, "connect-configs", &configs.Options{Listener: changed}, opts…)
//	go store.Run(ctx)              // follows what others write
//	state := store.Snapshot()      // what is known now
//	err = store.Refresh(ctx)       // what was written until now is known
//	err = store.Claim(ctx)         // the leader, before it writes
//	err = store.PutConnector(ctx, "name", config, "")
//
// [Memory] is the same without Kafka.
package configs
