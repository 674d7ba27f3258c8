package hdfs

//go:generate go test -run TestReadmeListsEveryKey -update .

import (
	"context"
	"maps"

	"github.com/suiro/suiro/connect"
)

// Plugin returns the sink for the list of plugins. The aliases are the class
// names of the Java sinks whose configuration it understands.
func Plugin() connect.SinkPlugin {
	return connect.SinkPlugin{
		Info: connect.Info{
			Class: "HdfsSink",
			Aliases: []string{"io.confluent.connect.hdfs.HdfsSinkConnector",
				"io.confluent.connect.hdfs3.Hdfs3SinkConnector"},
			Version:  "0.1.0",
			Def:      def,
			Validate: validate,
		},
		New: func() connect.SinkConnector { return &SinkConnector{} },
	}
}

var _ connect.SinkConnector = (*SinkConnector)(nil)

// SinkConnector plans tasks that all do the same: Kafka's consumer group
// spreads the partitions over them.
type SinkConnector struct {
	props map[string]string
}

// Start checks the configuration.
func (c *SinkConnector) Start(_ context.Context, props map[string]string) error {
	if _, err := parse(props); err != nil {
		return err
	}
	c.props = maps.Clone(props)
	return nil
}

// TaskConfigs returns the connector's configuration once for each task.
func (c *SinkConnector) TaskConfigs(maxTasks int) ([]map[string]string, error) {
	return connect.RepeatConfig(c.props, maxTasks), nil
}

// NewTask returns a task that has not been started.
func (c *SinkConnector) NewTask() connect.SinkTask { return &SinkTask{} }

// Stop has nothing to free.
func (c *SinkConnector) Stop() error { return nil }
