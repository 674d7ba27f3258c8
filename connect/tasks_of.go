package connect

import (
	"context"

	"github.com/suiro/suiro/connect/config"
)

// SinkOf returns a sink connector that does nothing itself: it plans as many tasks as
// it may, all with its configuration, among which Kafka shares out the partitions.
// newTask returns a task that has not been started. Most sinks need no other.
func SinkOf(newTask func() SinkTask) SinkConnector { return sinkOf{newTask: newTask} }

// SourceOf returns a source connector that does nothing itself: it plans one task,
// with its configuration. newTask returns a task that has not been started. A source
// whose input several tasks can share plans them itself, see [Connector].
func SourceOf(newTask func() SourceTask) SourceConnector { return sourceOf{newTask: newTask} }

// idle is a connector that acquires nothing.
type idle struct{}

// Start implements [Connector].
func (idle) Start(context.Context, config.Values) error { return nil }

// Stop implements [Connector].
func (idle) Stop() error { return nil }

type sinkOf struct {
	idle
	newTask func() SinkTask
}

// TaskConfigs implements [Connector].
func (sinkOf) TaskConfigs(maxTasks int) ([]map[string]string, error) {
	return SameConfig(maxTasks), nil
}

// NewTask implements [SinkConnector].
func (s sinkOf) NewTask() SinkTask { return s.newTask() }

type sourceOf struct {
	idle
	newTask func() SourceTask
}

// TaskConfigs implements [Connector].
func (sourceOf) TaskConfigs(int) ([]map[string]string, error) { return SameConfig(1), nil }

// NewTask implements [SourceConnector].
func (s sourceOf) NewTask() SourceTask { return s.newTask() }
