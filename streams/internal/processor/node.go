package processor

import (
	"log/slog"
	"time"

	"github.com/suiro/suiro/streams/topology"
)

// Node is what a task offers a function of the user, which opens its stores with it. It
// belongs to the task's goroutine.
type Node struct {
	task topology.Context
	name string
}

// NewNode returns the Node of a function of the named node that forwards nothing by itself.
func NewNode(task topology.Context, name string) *Node { return &Node{task, name} }

// TaskID names the task: its subtopology and partition.
func (n *Node) TaskID() topology.TaskID { return n.task.Task() }

// RecordMetadata says where the record in process was read. It is false in a punctuation,
// where there is none.
func (n *Node) RecordMetadata() (at topology.Position, ok bool) { return n.task.Metadata() }

// Schedule makes the task call punctuate every interval, at least a millisecond: by stream
// time after the record with which the time has come, the first record of all included, and
// by the clock between records. now is that time. What it forwards and stores is committed
// as that of a record; when the epoch is aborted it is called again. A call that comes late
// stands for those that were missed. What becomes of an error is decided as for a record. cancel
// ends the schedule.
func (n *Node) Schedule(interval time.Duration, by topology.PunctuationType,
	punctuate func(now time.Time) error) (cancel func()) {
	return n.task.Schedule(interval, by, func(now time.Time) error { return topology.In(n.name, punctuate(now)) })
}

// Now is the time of the clock, and in package streamstest that of the driver.
func (n *Node) Now() time.Time { return n.task.Now() }

// StreamTime is the latest timestamp of the records that the task has read.
func (n *Node) StreamTime() time.Time { return n.task.StreamTime() }

// Drop counts a record that is left out on purpose, in the metric of dropped records.
func (n *Node) Drop() { n.task.Drop() }

// Logger returns a logger that carries the task's id.
func (n *Node) Logger() *slog.Logger { return n.task.Logger() }

// OnClose makes the task call f when it ends.
func (n *Node) OnClose(f func()) { n.task.OnClose(f) }

// Task is for the stores, which are opened with a context.
func (n *Node) Task() topology.Context { return n.task }
