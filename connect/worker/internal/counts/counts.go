// Package counts counts what tasks do.
package counts

import "time"

// Numbers are what is counted for a task: T is an atomic integer in [Counters]
// and an integer in [Counts]. A field is all that a new number needs. Its tags
// say how monitoring sees it, by the names of Kafka Connect's metrics as
// Prometheus wants them: with underscores, and _total at the end of what only
// grows. The tag is the group of the metric: source and sink for the tasks of
// these alone, task and errors for all. Bytes, restarts and missed offsets are
// Suiro's own.
type Numbers[T any] struct {
	// Read counts records that came from Kafka or from [connect.SourceTask.Poll],
	// source records that the task rejected included.
	Read T `json:"read" source:"source_record_poll_total" help:"Records that the task returned from its polls, or rejected."`
	// ReadBytes are the keys and values of sink records read.
	ReadBytes T `json:"read_bytes" sink:"sink_record_read_bytes_total" help:"Bytes of keys and values read from Kafka."`
	// Written counts records that the sink task took without rejecting them,
	// or that Kafka acknowledged.
	Written T `json:"written" sink:"sink_record_send_total" help:"Records that the task took without rejecting them."`
	// WrittenBytes are the keys and values of source records acknowledged.
	WrittenBytes T `json:"written_bytes" source:"source_record_write_bytes_total" help:"Bytes of keys and values that Kafka acknowledged."`
	// Filtered counts records that a transform dropped.
	Filtered T `json:"filtered" errors:"records_filtered_total" help:"Records that a transform dropped."`
	// Rejected counts bad records, dead-lettered or skipped.
	Rejected T `json:"rejected" errors:"records_skipped_total" help:"Bad records that were tolerated: written to the dead-letter queue, or skipped without one."`
	// Errors counts bad records that ended a life of the task.
	Errors T `json:"errors" errors:"record_errors_total" help:"Bad records that were not tolerated: each failed the task."`
	// Logged counts errors of records that errors.log.enable has written to the log.
	Logged T `json:"logged" errors:"errors_logged_total" help:"Errors of records in the log, each in a line of its own, as errors.log.enable asks for."`
	// DeadLetters counts dead letters that are acknowledged.
	DeadLetters T `json:"dead_letters" errors:"deadletterqueue_produce_requests_total" help:"Dead letters that Kafka acknowledged."`
	// DeadLetterFailures counts dead letters that could not be written.
	DeadLetterFailures T `json:"dead_letter_failures" errors:"deadletterqueue_produce_failures_total" help:"Dead letters that could not be written."`
	// Retries counts calls that were made again after a retriable error.
	Retries T `json:"retries" errors:"retries_total" help:"Calls of the task, its converters and transforms that were made again after an error that may pass."`
	// Commits counts commits of offsets.
	Commits T `json:"commits" source:"offset_commit_completion_total" sink:"offset_commit_completion_total" help:"Commits of offsets."`
	// CommitFailures counts commits of offsets that failed.
	CommitFailures T `json:"commit_failures" task:"offset_commit_failure_total" help:"Commits of offsets that failed."`
	// Restarts counts how often the task was started again after a failure.
	Restarts T `json:"restarts" task:"restart_total" help:"Starts of the task after a failure."`
	// Missed is the number of offsets below a sink's position that retention took
	// away before they were read. Some of them may never have held a record.
	Missed T `json:"missed" sink:"sink_record_missed_total" help:"Offsets that retention deleted before they were read. Some may never have held a record."`
	// Lag is the number of offsets between what a sink has committed and the
	// end of its partitions. Monitoring sees it by partition, see [Lag].
	Lag T `json:"lag"`
	// Uncommitted is the number of offsets between a sink's last commit and
	// its position, or of source records that are not acknowledged without a
	// gap.
	Uncommitted T `json:"uncommitted" source:"source_record_active" sink:"sink_record_active" help:"Records that are on their way: not committed yet by a sink, not acknowledged yet for a source."`
	// Partitions is the number of Kafka partitions that a sink owns.
	Partitions T `json:"partitions" sink:"partitions" help:"Partitions that the task owns."`
	// Stalled is 1 while a sink task has made no progress for long and its lag grows.
	Stalled T `json:"stalled" sink:"stalled" help:"1 while the task has neither taken nor committed a record for errors.stall.timeout.ms and its lag has grown, 0 otherwise."`
	// Polls counts polls of a source task that ended, those without records
	// included: a task that hangs makes none.
	Polls T `json:"polls" source:"source_poll_total" help:"Polls of the task that ended, those without records included."`
	// Rebalances counts the rebalances of a sink's group that the task went
	// through.
	Rebalances T `json:"rebalances" sink:"rebalance_total" help:"Rebalances of the group that the task went through."`
}

// Counts are what a task did since its connector was started, over all its
// restarts. Read is Written + Filtered + Rejected plus what is on its way.
type Counts struct {
	Numbers[int64]
	// LastCommit is when offsets were last kept; zero before the first time.
	LastCommit time.Time `json:"last_commit"`
	// EndOfInput is set when a finite source was read to its end and its
	// offsets are kept.
	EndOfInput bool `json:"end_of_input"`
}

// Plus adds the counts of another task.
func (c Counts) Plus(o Counts) Counts {
	sum, more := fields(&c.Numbers), fields(&o.Numbers)
	for i := range sum {
		*sum[i] += *more[i]
	}
	if o.LastCommit.After(c.LastCommit) {
		c.LastCommit = o.LastCommit
	}
	c.EndOfInput = c.EndOfInput && o.EndOfInput
	return c
}
