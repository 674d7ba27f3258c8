package hdfs

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
)

// Plugin returns the sink for the list of plugins. The aliases are the class
// names of the Java sinks whose configuration it understands.
func Plugin() connect.SinkPlugin {
	return connect.SinkPlugin{
		Info: connect.Info{
			Class: "HdfsSink",
			Aliases: []string{"io.confluent.connect.hdfs.HdfsSinkConnector",
				"io.confluent.connect.hdfs3.Hdfs3SinkConnector"},
			Doc: "Writes Avro, JSON or text files to HDFS or a local folder, each record exactly once, and registers " +
				"tables and partitions with Hive.",
			Def:      def,
			Validate: validate,
		},
		New:     func() connect.SinkConnector { return &SinkConnector{} },
		Metrics: func(r prometheus.Registerer) { newCounters(r) },
	}
}

var (
	_ connect.SinkConnector     = (*SinkConnector)(nil)
	_ connect.SinkOffsetAlterer = (*SinkConnector)(nil)
)

// SinkConnector plans tasks that all do the same: Kafka's consumer group
// spreads the partitions over them.
type SinkConnector struct{}

// Start has nothing to acquire: the configuration is checked already.
func (c *SinkConnector) Start(context.Context, config.Values) error { return nil }

// TaskConfigs plans maxTasks tasks with the connector's configuration.
func (c *SinkConnector) TaskConfigs(maxTasks int) ([]map[string]string, error) {
	return connect.SameConfig(maxTasks), nil
}

// NewTask returns a task that has not been started.
func (c *SinkConnector) NewTask() connect.SinkTask { return &SinkTask{} }

// AlterOffsets refuses offsets that the files contradict.
func (c *SinkConnector) AlterOffsets(_ context.Context, v config.Values, offsets connect.Offsets,
	forgotten []connect.TopicPartition) (err error) {
	s, err := newSettings(v)
	if err != nil {
		return err
	}
	if s.files.Storage, err = s.open(); err != nil {
		return connect.Retriable(err)
	}
	defer func() { err = errors.Join(err, s.files.Storage.Close()) }()
	return checkOffsets(&s.files, offsets, forgotten)
}

// Stop has nothing to free.
func (c *SinkConnector) Stop() error { return nil }
