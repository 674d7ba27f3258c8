package telemetry

import (
	"slices"

	"github.com/suiro/suiro/internal/procmetrics"
)

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
	missedRecords    = "kafka_streams_records_missed_total"
	memoryBytes      = "kafka_streams_state_memory_bytes"

	threadTasks      = "kafka_streams_thread_tasks"
	tasksCreated     = "kafka_streams_thread_task_created_total"
	tasksClosed      = "kafka_streams_thread_task_closed_total"
	pollRecords      = "kafka_streams_thread_poll_records"
	pollLatency      = "kafka_streams_thread_poll_latency_seconds"
	processLatency   = "kafka_streams_thread_process_latency_seconds"
	punctuateLatency = "kafka_streams_thread_punctuate_latency_seconds"
	commitLatency    = "kafka_streams_thread_commit_latency_seconds"
	commits          = "kafka_streams_thread_commit_total"
	aborts           = "kafka_streams_thread_abort_total"
	epochSeconds     = "kafka_streams_thread_epoch_seconds_total"
	rebalances       = "kafka_streams_thread_rebalance_total"
	rebalanceLatency = "kafka_streams_thread_rebalance_latency_seconds"

	taskRecords      = "kafka_streams_task_process_total"
	taskSeconds      = "kafka_streams_task_process_seconds_total"
	taskBatches      = "kafka_streams_task_batches_total"
	taskEnforced     = "kafka_streams_task_enforced_processing_total"
	taskLateness     = "kafka_streams_task_record_lateness_seconds"
	taskBuffer       = "kafka_streams_task_input_buffer_bytes"
	taskCache        = "kafka_streams_task_cache_size_bytes"
	taskDropped      = "kafka_streams_task_dropped_records_total"
	taskRejected     = "kafka_streams_task_rejected_records_total"
	taskDeadLetters  = "kafka_streams_task_dead_letter_records_total"
	taskRestored     = "kafka_streams_task_restore_total"
	restoreRemaining = "kafka_streams_task_restore_remaining_records"

	recordsConsumed = "kafka_streams_topic_records_consumed_total"
	bytesConsumed   = "kafka_streams_topic_bytes_consumed_total"
	recordsProduced = "kafka_streams_topic_records_produced_total"
	bytesProduced   = "kafka_streams_topic_bytes_produced_total"

	storeBytes     = "kafka_streams_state_store_bytes"
	stateBytes     = "kafka_streams_state_disk_bytes"
	memtableBytes  = "kafka_streams_state_cur_size_all_mem_tables_bytes"
	cacheBytes     = "kafka_streams_state_block_cache_usage_bytes"
	cacheLimit     = "kafka_streams_state_block_cache_capacity_bytes"
	sharedBytes    = "kafka_streams_state_task_memory_usage_bytes"
	sharedLimit    = "kafka_streams_state_task_memory_capacity_bytes"
	cacheHits      = "kafka_streams_state_block_cache_hits_total"
	cacheMisses    = "kafka_streams_state_block_cache_misses_total"
	compactionDebt = "kafka_streams_state_estimate_pending_compaction_bytes"
	writeStalls    = "kafka_streams_state_write_stall_seconds_total"
	openIterators  = "kafka_streams_state_num_open_iterators"
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
	{missedRecords, counter, "Offsets that retention deleted before they were read. Some may never have held a record.",
		[]string{"topic"}},
	{memoryBytes, gauge, "About how many bytes the stores in memory take.", nil},

	{threadTasks, gauge, "Tasks of a thread.", []string{"thread_id"}},
	{tasksCreated, counter, "Tasks that were started.", nil},
	{tasksClosed, counter, "Tasks that have ended.", nil},
	{pollRecords, histogram, "Records of a poll, also those of epochs that were aborted.", nil},
	{pollLatency, histogram, "Time in which a poll waited for records, up to a second when there are none.", nil},
	{processLatency, histogram, "Time in which a task processed its records of one poll.", nil},
	{punctuateLatency, histogram, "Time that a punctuation took.", nil},
	{commitLatency, histogram, "Time from the last poll of an epoch to the end of its commit.", nil},
	{commits, counter, "Epochs committed.", nil},
	{aborts, counter, "Epochs aborted. Their records are processed again.", nil},
	{epochSeconds, counter, "Time spent in committed epochs.", nil},
	{rebalances, counter, "Rebalances in which partitions came or went.", nil},
	{rebalanceLatency, histogram, "Time from the beginning of a rebalance to the moment when all tasks processed " +
		"records, restoring included.", nil},

	{taskRecords, counter, "Records processed, also those of epochs that were aborted.", []string{"task_id"}},
	{taskSeconds, counter, "Time spent in the topology.", []string{"task_id"}},
	{taskBatches, counter, "Batches whose outputs are all acknowledged.", []string{"task_id"}},
	{taskEnforced, counter, "Records processed although another partition of the task had none to compare their times " +
		"with, see max.task.idle.ms.", []string{"task_id"}},
	{taskLateness, histogram, "How far the timestamp of a record was behind the stream time of its task, for the latest " +
		"record of each batch.", nil},
	{taskBuffer, gauge, "Bytes of records that were read and wait for the task.", []string{"task_id"}},
	{taskCache, gauge, "Bytes of writes to the task's stores that are not committed yet, its record cache included.",
		[]string{"task_id"}},
	{taskDropped, counter, "Records left out on purpose: late for all their windows, by an exception handler without a " +
		"dead letter, or for another reason, such as a null key where one is needed.", []string{"task_id", "reason"}},
	{taskRejected, counter, "Records that could not be deserialized, processed or produced.",
		[]string{"task_id", "stage"}},
	{taskDeadLetters, counter, "Rejected records sent to the topic for dead letters.", []string{"task_id"}},
	{taskRestored, counter, "Changelog records read to restore state; those of global stores have the task -1_-1.",
		[]string{"task_id"}},
	{restoreRemaining, gauge, "Changelog records that a task still has to read; those of global stores have the task " +
		"-1_-1.", []string{"task_id"}},

	{recordsConsumed, counter, "Records of a topic that were processed, also those of epochs that were aborted.",
		[]string{"topic"}},
	{bytesConsumed, counter, "Bytes of their keys and values.", []string{"topic"}},
	{recordsProduced, counter, "Records written to an output, repartition or dead-letter topic, also in epochs that " +
		"were aborted. Topics that records choose are one, \"" + Chosen + "\".", []string{"topic"}},
	{bytesProduced, counter, "Bytes of their keys and values.", []string{"topic"}},

	{storeBytes, gauge, "About how many bytes a store takes on disk, in the partitions of this instance.",
		[]string{"store"}},
	{stateBytes, gauge, "Bytes of all stores on disk.", nil},
	{memtableBytes, gauge, "Bytes of memory that the tables of recent writes take.", nil},
	{cacheBytes, gauge, "Bytes of memory that the cache of blocks takes.", nil},
	{cacheLimit, gauge, "Bytes of memory that both may take.", nil},
	{sharedBytes, gauge, "Bytes of memory that tasks keep of their stores between commits, so that they read less: " +
		"which keys there are not, the latest entries, decoded values.", nil},
	{sharedLimit, gauge, "Bytes of memory that all of it may take: a part of memory.max.bytes. With many tasks and " +
		"stores each has little of it.", nil},
	{cacheHits, counter, "Blocks that were found in the cache.", nil},
	{cacheMisses, counter, "Blocks that were read from files.", nil},
	{compactionDebt, gauge, "About how many bytes have to be rewritten until reads are as fast as they can be.", nil},
	{writeStalls, counter, "Time for which writes had to wait because files were written too slowly.", nil},
	{openIterators, gauge, "Iterators over stores that are open. One that was not closed keeps files from being deleted.",
		nil},
}

// List returns all the metrics, those of the process' memory among them.
func List() []Info {
	out := slices.Clone(infos)
	for _, s := range procmetrics.MemorySeries() {
		out = append(out, Info{Name: s.Name, Type: s.Type, Help: s.Help})
	}
	return out
}

// info returns the description of a metric.
func info(name string) Info {
	i := slices.IndexFunc(infos, func(i Info) bool { return i.Name == name })
	return infos[i]
}
