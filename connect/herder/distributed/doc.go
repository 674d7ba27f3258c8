// Package distributed is the herder of a worker that shares connectors with others:
// workers with one group.id, Kafka Connect's own included, run what three topics say.
//
//	cfg, err := plan.ParseDistributed(workerProps)
//	h, err := distributed.New(cfg, plugins, &distributed.Options{Leader: …})
//	err = h.Start(ctx)
//	info, created, err := h.Put(ctx, "access-log", connectorProps, "")
//	err = h.Stop(ctx)
//
// # Who does what
//
// The group has a leader, which divides connectors and tasks and writes configurations.
// Every worker runs what it was assigned, reads all topics, and can answer what is the
// case. What only the leader may change is a [herder.NotLeaderError] on the others; the
// REST API sends such a request on.
//
// A connector's instance and its tasks may be on different workers. The worker that has
// the instance asks it for the configurations of its tasks, and gives them to the leader,
// who writes them to the config topic.
//
// # What stops when
//
// A rebalance stops what moves to another worker, and nothing else. A change of a
// connector's configuration restarts its instance, and then the tasks whose
// configurations differ. A worker that was expelled from its group stops everything at
// once, because others may run it; so does one that cannot read the configurations that
// its group has.
//
// Requests wait while the group rebalances, as long as whoever asks.
package distributed
