package telemetry

import (
	"slices"
	"strings"
)

// Deviation are metrics of Kafka Streams that are not here under their own names.
type Deviation struct {
	// Group and Names are those of Kafka Streams: the type in the name of a JMX bean, and
	// its attributes.
	Group string
	Names []string
	// Instead are the metrics to use, none when there is nothing to know here.
	Instead []string
	// Why is a sentence that says why the name is another one.
	Why string
}

// Name is what a metric of Kafka Streams is called here unless [Deviations] says
// otherwise.
func Name(group, name string) string {
	level := strings.TrimPrefix(strings.TrimSuffix(strings.TrimPrefix(group, "stream"), "metrics"), "-")
	return "kafka_streams_" + strings.ReplaceAll(level+name, "-", "_")
}

// The groups of Kafka Streams' metrics.
const (
	ofClient  = "stream-metrics"
	ofThread  = "stream-thread-metrics"
	ofUpdater = "stream-state-updater-metrics"
	ofTask    = "stream-task-metrics"
	ofNode    = "stream-processor-node-metrics"
	ofCache   = "stream-record-cache-metrics"
	ofState   = "stream-state-metrics"
)

// The reasons that more than one metric has.
const (
	isHistogram = "A histogram has the average and quantiles of any time, and the number of times; a maximum since the " +
		"start says nothing about now."
	isRate    = "Prometheus takes the rate of a counter."
	isTotal   = "The names of counters end in _total, and no other names do."
	isLabel   = "What is not a number is in a label."
	isUnit    = "Prometheus wants base units in names."
	isTime    = "Divide the increase of the time spent by the time that has passed."
	isNode    = "Operators hand records on without a counter in each. What comes in and goes out is counted by topic."
	isCall    = "To look at the clock around each call would cost more than the call. The time of a task has all of it."
	isOneDB   = "All stores of a process are in one DB, so it is there once and not for each store."
	isRocksDB = "Stores are in Pebble and not in RocksDB, where this is not told or not the same."
	noStandby = "There are no standby tasks."
)

// each returns the base with each of the suffixes.
func each(base string, suffixes ...string) (names []string) {
	for _, s := range suffixes {
		names = append(names, base+"-"+s)
	}
	return names
}

// Deviations lists every metric of Kafka Streams that has another name here, or is not
// here, with the reason. All others have the name that [Name] gives them.
func Deviations() []Deviation {
	return slices.Concat(clientDeviations(), threadDeviations(), taskDeviations(), stateDeviations(), rocksDeviations())
}

func clientDeviations() []Deviation {
	return []Deviation{
		{ofClient, []string{"version", "commit-id"}, []string{"suiro_build_info"}, isLabel},
		{ofClient, []string{"application-id"}, nil, "It is a label of every metric."},
		{ofClient, []string{"topology-description"}, nil, "GET /topology answers it."},
		{ofClient, []string{"state"}, []string{clientState}, isLabel},
		{ofClient, []string{"recording-level"}, nil, "There is one level: everything is recorded."},
		{ofClient, []string{"failed-stream-threads"}, []string{failedThreads}, isTotal},
	}
}

func threadDeviations() []Deviation {
	return []Deviation{
		{ofThread, each("commit-latency", "avg", "max"), []string{commitLatency}, isHistogram},
		{ofThread, []string{"commit-rate"}, []string{commits}, isRate},
		{ofThread, slices.Concat(each("poll-latency", "avg", "max"), each("poll", "rate", "total")), []string{pollLatency},
			isHistogram},
		{ofThread, each("poll-records", "avg", "max"), []string{pollRecords}, isHistogram},
		{ofThread, each("process-latency", "avg", "max"), []string{processLatency}, isHistogram},
		{ofThread, each("process", "rate", "total"), []string{taskRecords}, "Records are counted by task."},
		{ofThread, each("process-records", "avg", "max"), []string{taskRecords, processLatency},
			"Divide the increase of the records by that of the number of batches."},
		{ofThread, slices.Concat(each("punctuate-latency", "avg", "max"), each("punctuate", "rate", "total")),
			[]string{punctuateLatency}, isHistogram},
		{ofThread, []string{"process-ratio"}, []string{taskSeconds}, isTime},
		{ofThread, []string{"commit-ratio", "poll-ratio", "punctuate-ratio", "blocked-time-ns-total"},
			[]string{commitLatency, pollLatency, punctuateLatency}, isTime + " The sum of a histogram is such a time."},
		{ofThread, []string{"task-created-rate"}, []string{tasksCreated}, isRate},
		{ofThread, []string{"task-closed-rate"}, []string{tasksClosed}, isRate},
		{ofThread, []string{"thread-start-time"}, nil,
			"Threads start with the process, or after a failure that is counted."},
		{ofThread, []string{"thread-state", "state"}, []string{clientState, aliveThreads}, isLabel},
		{ofThread, slices.Concat(each("tasks-revoked-latency", "avg", "max"), each("tasks-assigned-latency", "avg", "max"),
			each("tasks-lost-latency", "avg", "max")), []string{rebalanceLatency},
			"A rebalance is measured as a whole, until its tasks process records."},
		{ofUpdater, []string{"active-restoring-tasks"}, []string{appTasks}, isLabel},
		{ofUpdater, []string{"active-paused-tasks", "standby-paused-tasks", "standby-updating-tasks", "standby-update-ratio"},
			nil, noStandby + " A task that is paused counts as what it was."},
		{ofUpdater, []string{"restore-records-rate", "restore-call-rate"}, []string{taskRestored}, isRate},
		{ofUpdater, []string{"idle-ratio", "active-restore-ratio", "checkpoint-ratio"}, nil,
			"Each task restores by itself, at the same time as the others: no thread does it for all."},
	}
}

func taskDeviations() []Deviation {
	return []Deviation{
		{ofTask, each("process-latency", "avg", "max"), []string{processLatency, taskSeconds}, isHistogram},
		{ofTask, []string{"process-rate"}, []string{taskRecords}, isRate},
		{ofTask, slices.Concat(each("punctuate-latency", "avg", "max"), each("punctuate", "rate", "total")),
			[]string{punctuateLatency}, isHistogram},
		{ofTask, []string{"active-process-ratio"}, []string{taskSeconds}, isTime},
		{ofTask, []string{"active-buffer-count"}, []string{taskBuffer},
			"Bytes say more about memory than a number of records."},
		{ofTask, []string{"cache-size-bytes-total"}, []string{taskCache}, isTotal},
		{ofTask, []string{"dropped-records-rate"}, []string{taskDropped}, isRate},
		{ofTask, []string{"enforced-processing-rate"}, []string{taskEnforced}, isRate},
		{ofTask, each("record-lateness", "avg", "max"), []string{taskLateness}, isHistogram},
		{ofTask, []string{"restore-rate"}, []string{taskRestored}, isRate},
		{ofTask, []string{"restore-remaining-records-total"}, []string{restoreRemaining}, isTotal},
		{ofTask, each("update", "rate", "total"), nil, noStandby},
		{ofNode, each("process", "rate", "total"), []string{recordsConsumed, taskRecords}, isNode},
		{ofNode, slices.Concat(each("suppression-emit", "rate", "total"),
			each("window-aggregate-final-emit", "rate", "total"),
			each("window-aggregate-final-emit-latency", "avg", "max"), each("idempotent-update-skip", "rate", "total")),
			[]string{recordsProduced}, isNode},
		{ofNode, each("record-e2e-latency", "avg", "min", "max"), []string{endToEnd},
			isHistogram + " It ends with the commit and not in a node, before which nobody sees a result."},
		{ofCache, each("hit-ratio", "avg", "min", "max"), []string{taskCache},
			"The cache holds what is not committed, and is never too small for that: commits come earlier then."},
	}
}

// calls are the calls of a store that Kafka Streams measures.
func calls() (names []string) {
	for _, call := range []string{
		"put", "put-if-absent", "put-all", "get", "delete", "fetch", "all", "range", "prefix-scan", "remove",
	} {
		names = append(names, call+"-rate", call+"-latency-avg", call+"-latency-max")
	}
	return names
}

func stateDeviations() []Deviation {
	return []Deviation{
		{ofState, calls(), []string{taskSeconds}, isCall},
		{ofState, slices.Concat(each("flush", "rate", "latency-avg", "latency-max"), each("commit", "rate", "latency-avg",
			"latency-max")), []string{commitLatency}, "All stores of a thread are written in its commit."},
		{ofState, each("restore", "rate", "latency-avg", "latency-max"), []string{taskRestored, rebalanceLatency},
			"All stores of a task are restored at the same time."},
		{ofState, each("record-e2e-latency", "avg", "min", "max"), []string{endToEnd}, isHistogram},
		{ofState, slices.Concat(each("suppression-buffer-count", "avg", "max"),
			each("suppression-buffer-size", "avg", "max")), []string{storeBytes}, "The buffer is a store like others."},
		{ofState, append(each("iterator-duration", "avg", "max"), "oldest-iterator-open-since-ms"),
			[]string{openIterators}, "A number that does not go down to 0 shows an iterator that was not closed."},
		{ofState, []string{"num-keys", "estimate-num-keys"}, []string{storeBytes},
			"Keys are counted when somebody asks a partition of App.Store."},
	}
}

func rocksDeviations() []Deviation {
	return []Deviation{
		{ofState, []string{"block-cache-usage"}, []string{cacheBytes}, isOneDB + " " + isUnit},
		{ofState, []string{"block-cache-capacity"}, []string{cacheLimit}, isOneDB + " " + isUnit},
		{ofState, []string{"cur-size-all-mem-tables", "size-all-mem-tables", "cur-size-active-mem-table"},
			[]string{memtableBytes}, isOneDB + " " + isUnit},
		{ofState, []string{"total-sst-files-size", "live-sst-files-size"}, []string{stateBytes, storeBytes}, isOneDB},
		{ofState, []string{"block-cache-data-hit-ratio", "block-cache-index-hit-ratio", "block-cache-filter-hit-ratio"},
			[]string{cacheHits, cacheMisses}, isOneDB + " Divide the increases of the two."},
		{ofState, each("write-stall-duration", "avg", "total"), []string{writeStalls}, isOneDB + " " + isTime},
		{ofState, slices.Concat(each("bytes-written", "rate", "total"), each("bytes-read", "rate", "total"),
			each("memtable-bytes-flushed", "rate", "total"), []string{"memtable-hit-ratio"},
			each("memtable-flush-time", "avg", "min", "max"), each("bytes-read-compaction", "rate"),
			each("bytes-written-compaction", "rate"), each("compaction-time", "avg", "min", "max"),
			[]string{"number-open-files", "number-file-errors-total", "num-immutable-mem-table",
				"num-entries-active-mem-table", "num-entries-imm-mem-tables", "num-deletes-active-mem-table",
				"num-deletes-imm-mem-tables", "mem-table-flush-pending", "num-running-flushes", "compaction-pending",
				"num-running-compactions", "num-live-versions", "estimate-table-readers-mem", "background-errors",
				"block-cache-pinned-usage"}), nil, isRocksDB},
	}
}
