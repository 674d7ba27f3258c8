package metrics

import "strings"

// Deviation are metrics of Kafka Connect that are not here under their own names.
type Deviation struct {
	// Group and Names are those of Kafka Connect: the type in the name of a JMX bean, and
	// its attributes.
	Group string
	Names []string
	// Instead are the metrics to use, none when there is nothing to know here.
	Instead []string
	// Why is a sentence that says why the name is another one.
	Why string
}

// Name is what a metric of Kafka Connect is called here unless [Deviations] says
// otherwise.
func Name(group, name string) string {
	return "kafka_connect_" + strings.ReplaceAll(strings.TrimPrefix(group, "connect-")+"_"+name, "-", "_")
}

// The reasons that more than one metric has.
const (
	isHistogram = "A histogram has the average and quantiles of any time; a maximum since the start of the task says " +
		"nothing about now."
	isQuotient = "Counters can be added up over tasks and workers, percentages cannot: divide their increases."
	isRate     = "Prometheus takes the rate of a counter."
	isLabel    = "What is not a number is in the labels of a metric that is 1."
	isUnit     = "Prometheus wants base units."
	isCount    = "Prometheus keeps names that end in _count for histograms."
	isSampled  = isCount + " It takes averages and maxima over time itself."
	isTotal    = "The names of counters end in _total."
)

// Deviations lists every metric of a Java worker that has another name here, or is not
// here, with the reason. All others have the name that [Name] gives them.
func Deviations() []Deviation {
	return append(workerDeviations(), taskDeviations()...)
}

func workerDeviations() []Deviation {
	const worker, rebalance = "connect-worker-metrics", "connect-worker-rebalance-metrics"
	prefix := Name(worker, "")
	return []Deviation{
		{worker, []string{"connector-count"}, []string{prefix + "connectors"}, isCount},
		{worker, []string{"task-count"}, []string{prefix + "tasks"}, isCount},
		{worker, []string{"connector-startup-success-percentage", "connector-startup-failure-percentage"},
			[]string{prefix + "connector_startup_success_total", prefix + "connector_startup_failure_total"}, isQuotient},
		{worker, []string{"task-startup-success-percentage", "task-startup-failure-percentage"},
			[]string{prefix + "task_startup_success_total", prefix + "task_startup_failure_total"}, isQuotient},
		{worker, []string{"connector-total-task-count", "connector-running-task-count", "connector-paused-task-count",
			"connector-failed-task-count", "connector-unassigned-task-count", "connector-restarting-task-count",
			"connector-destroyed-task-count"}, []string{prefix + "connector_tasks"},
			"One metric has the state as a label; its sum is the total. A task that is destroyed is not there any more."},
		{rebalance, []string{"rebalance-avg-time-ms", "rebalance-max-time-ms"},
			[]string{Name(rebalance, "rebalance-time-seconds")}, isHistogram},
		{rebalance, []string{"time-since-last-rebalance-ms"},
			[]string{Name(rebalance, "time-since-last-rebalance-seconds")}, isUnit},
		{"connector-metrics", []string{"connector-class", "connector-type", "connector-version"},
			[]string{Name("connector-metrics", "info")}, isLabel},
	}
}

func taskDeviations() []Deviation {
	const task, source, sink = "connector-task-metrics", "source-task-metrics", "sink-task-metrics"
	const transform, predicate = "connector-transform-metrics", "connector-predicate-metrics"
	completion := []string{Name(source, "offset-commit-completion-total"), Name(sink, "offset-commit-completion-total")}
	failure := Name(task, "offset-commit-failure-total")
	return append([]Deviation{
		{task, []string{"connector-class", "connector-type", "connector-version", "task-class", "task-version",
			"key-converter-class", "key-converter-version", "value-converter-class", "value-converter-version",
			"header-converter-class", "header-converter-version"}, []string{Name(task, "info")},
			isLabel + " A task has the version of its connector."},
		{transform, []string{"transform-class", "transform-version"}, []string{Name(transform, "info")}, isLabel},
		{predicate, []string{"predicate-class", "predicate-version"}, []string{Name(predicate, "info")}, isLabel},
		{task, []string{"batch-size-avg", "batch-size-max"}, []string{Name(task, "batch-size")}, isHistogram},
		{task, []string{"offset-commit-avg-time-ms", "offset-commit-max-time-ms"},
			[]string{Name(task, "offset-commit-seconds")}, isHistogram},
		{task, []string{"offset-commit-success-percentage", "offset-commit-failure-percentage"},
			append(completion, failure), isQuotient},
		{sink, []string{"offset-commit-completion-rate"}, completion[1:], isRate},
		{sink, []string{"offset-commit-seq-no", "offset-commit-skip-rate", "offset-commit-skip-total"}, nil,
			"They are about answers to commits that come too late. A task waits for each answer here, for " +
				"offset.flush.timeout.ms at most, and counts a commit without one as failed."},
		{sink, []string{"partition-count"}, []string{Name(sink, "partitions")}, isCount},
		{sink, []string{"put-batch-avg-time-ms", "put-batch-max-time-ms"}, []string{Name(sink, "put-batch-seconds")},
			isHistogram},
		{sink, []string{"sink-record-active-count", "sink-record-active-count-avg", "sink-record-active-count-max"},
			[]string{Name(sink, "sink-record-active")}, isSampled},
		{sink, []string{"sink-record-lag-max"}, []string{Name(sink, "sink-record-lag")},
			"The lag is there by partition, and Prometheus takes the maximum. It is from what is committed; Kafka Connect's " +
				"is from what was read, as that of sink_record_position_lag."},
		{sink, []string{"sink-record-read-rate"}, []string{Name(sink, "sink-record-read-total")}, isRate},
		{sink, []string{"sink-record-send-rate"}, []string{Name(sink, "sink-record-send-total")}, isRate},
		{source, []string{"poll-batch-avg-time-ms", "poll-batch-max-time-ms"}, []string{Name(source, "poll-batch-seconds")},
			isHistogram},
		{source, []string{"source-record-active-count", "source-record-active-count-avg", "source-record-active-count-max"},
			[]string{Name(source, "source-record-active")}, isSampled},
		{source, []string{"source-record-poll-rate"}, []string{Name(source, "source-record-poll-total")}, isRate},
		{source, []string{"source-record-write-rate"}, []string{Name(source, "source-record-write-total")}, isRate},
		{source, []string{"transaction-size-avg", "transaction-size-max", "transaction-size-min"},
			[]string{Name(source, "transaction-size")}, isHistogram},
	}, errorDeviations()...)
}

func errorDeviations() (out []Deviation) {
	const errors = "task-error-metrics"
	for _, of := range []string{"record-failures", "record-errors", "records-skipped", "retries", "errors-logged"} {
		out = append(out, Deviation{errors, []string{"total-" + of}, []string{Name(errors, of+"-total")}, isTotal})
	}
	return append(out,
		Deviation{errors, []string{"deadletterqueue-produce-requests"},
			[]string{Name(errors, "deadletterqueue-produce-requests-total")},
			isTotal + " It counts the dead letters that Kafka has acknowledged, and not those that are on their way."},
		Deviation{errors, []string{"deadletterqueue-produce-failures"},
			[]string{Name(errors, "deadletterqueue-produce-failures-total")}, isTotal},
		Deviation{errors, []string{"last-error-timestamp"}, []string{Name(errors, "last-error-timestamp-seconds")}, isUnit})
}
