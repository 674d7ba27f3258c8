package telemetry

import "slices"

// Info describes a metric.
type Info struct {
	// Name is the whole name.
	Name string
	// Type is counter, gauge or histogram.
	Type string
	// Help is one sentence.
	Help string
	// Labels are the names of its labels, without application_id, which all have that
	// begin with kafka_streams_.
	Labels []string
}

// The types of metrics.
const (
	counter   = "counter"
	gauge     = "gauge"
	histogram = "histogram"
)

// The names of the metrics.
const (
	clientState      = "kafka_streams_client_state"
	aliveThreads     = "kafka_streams_alive_stream_threads"
	failedThreads    = "kafka_streams_failed_stream_threads_total"
	brokersReachable = "kafka_streams_brokers_reachable"
	appTasks         = "kafka_streams_tasks"
	recordsLag       = "kafka_streams_records_lag"
	endToEnd         = "kafka_streams_record_e2e_latency_seconds"
	stateBytes       = "kafka_streams_state_disk_bytes"
	openBytes        = "kafka_streams_state_uncommitted_bytes"

	threadTasks      = "kafka_streams_thread_tasks"
	pollRecords      = "kafka_streams_thread_poll_records_total"
	pollLatency      = "kafka_streams_thread_poll_latency_seconds"
	processLatency   = "kafka_streams_thread_process_latency_seconds"
	commitLatency    = "kafka_streams_thread_commit_latency_seconds"
	commits          = "kafka_streams_thread_commit_total"
	aborts           = "kafka_streams_thread_abort_total"
	epochSeconds     = "kafka_streams_thread_epoch_seconds_total"
	rebalances       = "kafka_streams_thread_rebalance_total"
	rebalanceLatency = "kafka_streams_thread_rebalance_latency_seconds"

	taskRecords      = "kafka_streams_task_process_total"
	taskBytes        = "kafka_streams_task_process_bytes_total"
	taskSeconds      = "kafka_streams_task_process_seconds_total"
	taskBatches      = "kafka_streams_task_batches_total"
	taskDropped      = "kafka_streams_task_dropped_records_total"
	taskRejected     = "kafka_streams_task_rejected_records_total"
	taskDeadLetters  = "kafka_streams_task_dead_letter_records_total"
	taskRestored     = "kafka_streams_task_restore_total"
	restoreRemaining = "kafka_streams_task_restore_remaining_records"
)

// infos are the metrics in the order in which pages show them. It never changes.
var infos = []Info{
	{clientState, gauge, "State of the app, as a label: 1 for the state it is in and 0 for the others.",
		[]string{"state"}},
	{brokersReachable, gauge, "1 while a broker can be reached, 0 while none can.", nil},
	{aliveThreads, gauge, "Stream threads that run.", nil},
	{failedThreads, counter, "Stream threads that failed and were replaced, or that ended the app.", nil},
	{appTasks, gauge, "Tasks of this instance: those that process records, and those that restore their state.",
		[]string{"state"}},
	{recordsLag, gauge, "Records of a partition that are not committed yet, among those that its owner knows of: up to " +
		"the end of the partition when a broker last told it. While no broker can be reached it stands still.",
		[]string{"topic", "partition"}},
	{endToEnd, histogram, "Time from the timestamp of a record to the commit of what became of it, " +
		"for the first record of each batch, which waited longest.", []string{"topic"}},
	{stateBytes, gauge, "Bytes of the stores on disk.", nil},
	{openBytes, gauge, "Bytes of writes to stores that are not committed yet.", nil},

	{threadTasks, gauge, "Tasks of a thread.", []string{"thread_id"}},
	{pollRecords, counter, "Records polled, also those of epochs that were aborted.", []string{"topic"}},
	{pollLatency, histogram, "Time in which a poll waited for records, up to a second when there are none.", nil},
	{processLatency, histogram, "Time in which a task processed its records of one poll.", nil},
	{commitLatency, histogram, "Time from the last poll of an epoch to the end of its commit.", nil},
	{commits, counter, "Epochs committed.", nil},
	{aborts, counter, "Epochs aborted. Their records are processed again.", nil},
	{epochSeconds, counter, "Time spent in committed epochs.", nil},
	{rebalances, counter, "Rebalances in which partitions came or went.", nil},
	{rebalanceLatency, histogram, "Time from the beginning of a rebalance to the moment when all tasks processed " +
		"records, restoring included.", nil},

	{taskRecords, counter, "Records processed, also those of epochs that were aborted.", []string{"task_id"}},
	{taskBytes, counter, "Bytes of keys and values processed.", []string{"task_id"}},
	{taskSeconds, counter, "Time spent in the topology.", []string{"task_id"}},
	{taskBatches, counter, "Batches whose outputs are all acknowledged.", []string{"task_id"}},
	{taskDropped, counter, "Records left out on purpose: late for all their windows, dropped by a processor, or left " +
		"out by an exception handler without a dead letter.",
		[]string{"task_id", "reason"}},
	{taskRejected, counter, "Records that could not be deserialized, processed or produced.",
		[]string{"task_id", "stage"}},
	{taskDeadLetters, counter, "Rejected records sent to the topic for dead letters.", []string{"task_id"}},
	{taskRestored, counter, "Changelog records read to restore state; those of global stores have the task -1_-1.",
		[]string{"task_id"}},
	{restoreRemaining, gauge, "Changelog records that a task still has to read; those of global stores have the task " +
		"-1_-1.", []string{"task_id"}},
}

// List returns all the metrics.
func List() []Info { return slices.Clone(infos) }

// info returns the description of a metric.
func info(name string) Info {
	i := slices.IndexFunc(infos, func(i Info) bool { return i.Name == name })
	return infos[i]
}
