// Package counts counts what tasks do.
package counts

import "time"

// Counts are what a task did since its connector was started, over all its
// restarts. Read is Written + Filtered + Rejected plus what is on its way.
type Counts struct {
	// Read counts records that came from Kafka or from [connect.SourceTask.Poll],
	// source records that the task rejected included.
	Read int64 `json:"read"`
	// ReadBytes are the keys and values of sink records read.
	ReadBytes int64 `json:"read_bytes"`
	// Written counts records that the sink task took without rejecting them,
	// or that Kafka acknowledged.
	Written int64 `json:"written"`
	// WrittenBytes are the keys and values of source records acknowledged.
	WrittenBytes int64 `json:"written_bytes"`
	// Filtered counts records that a transform dropped.
	Filtered int64 `json:"filtered"`
	// Rejected counts bad records, dead-lettered or passed over.
	Rejected int64 `json:"rejected"`
	// DeadLetters counts dead letters that are acknowledged.
	DeadLetters int64 `json:"dead_letters"`
	// Retries counts calls that were made again after a retriable error.
	Retries int64 `json:"retries"`
	// Commits and CommitFailures count commits of offsets.
	Commits        int64 `json:"commits"`
	CommitFailures int64 `json:"commit_failures"`
	// Restarts counts how often the task was started again after a failure.
	Restarts int64 `json:"restarts"`
	// Missed is the number of offsets below a sink's position that retention took
	// away before they were read. Some of them may never have held a record.
	Missed int64 `json:"missed"`
	// Lag is the number of offsets between a sink's position and the end of
	// its partitions, as of the last fetch of each.
	Lag int64 `json:"lag"`
	// Uncommitted is the number of offsets between a sink's last commit and
	// its position, or of source records that are not acknowledged without a
	// gap.
	Uncommitted int64 `json:"uncommitted"`
	// Partitions is the number of Kafka partitions that a sink owns.
	Partitions int64 `json:"partitions"`
	// LastCommit is when offsets were last kept; zero before the first time.
	LastCommit time.Time `json:"last_commit"`
	// EndOfInput is set when a finite source was read to its end and its
	// offsets are kept.
	EndOfInput bool `json:"end_of_input"`
}

// Plus adds the counts of another task.
func (c Counts) Plus(o Counts) Counts {
	c.Read += o.Read
	c.ReadBytes += o.ReadBytes
	c.Written += o.Written
	c.WrittenBytes += o.WrittenBytes
	c.Filtered += o.Filtered
	c.Rejected += o.Rejected
	c.DeadLetters += o.DeadLetters
	c.Retries += o.Retries
	c.Commits += o.Commits
	c.CommitFailures += o.CommitFailures
	c.Restarts += o.Restarts
	c.Missed += o.Missed
	c.Lag += o.Lag
	c.Uncommitted += o.Uncommitted
	c.Partitions += o.Partitions
	if o.LastCommit.After(c.LastCommit) {
		c.LastCommit = o.LastCommit
	}
	c.EndOfInput = c.EndOfInput && o.EndOfInput
	return c
}
