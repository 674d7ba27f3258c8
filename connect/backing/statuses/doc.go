// Package statuses keeps what the connectors and tasks of a Connect cluster do, and
// which topics each connector uses.
//
// # The status topic
//
// [Open] reads and writes Kafka Connect's own format, so that the topic of a Java
// worker can be used further, and by both at the same time. It is compacted, and every
// worker writes the statuses of what it runs:
//
//	status-connector-<name>
//	status-task-<name>-<n>
//	   {"state":"RUNNING","trace":null,"worker_id":"host:8083","generation":3,"version":"1.0"}
//	status-topic-<topic>:connector-<name>
//	   {"topic":{"name":"…","connector":"…","task":0,"discoverTimestamp":1}}
//
// A tombstone removes each of them.
//
// # Order
//
// Writing is not waited for: statuses are written in the background, of each key the
// latest alone, and again until the brokers take them. A status is known, here as on
// other workers, once it was read back. [Store.Flush] waits until all is written.
//
// Two workers may write for the same task while it moves from one to the other. The
// methods whose names end in Safe write nothing over the status of another worker in a
// later generation of the group. That leaves a gap, as what another one writes at the
// same time is not known yet; so a reader keeps RUNNING of a task when UNASSIGNED of the
// same or an earlier generation comes after it from another worker. A Java worker keeps it
// also when the same worker writes both: it shows a task as RUNNING that was stopped
// because its worker has lost the group, until the task runs again.
//
// # Use
//
//	store, err := statuses.Open(ctx, "connect-status", nil, opts…)
//	go store.Run(ctx)                      // reads and writes
//	store.PutTask(id, statuses.Status{…})
//	status, ok := store.Task(id)
//	err = store.Flush(ctx)                 // before the end
//
// [Memory] is the same without Kafka.
package statuses
