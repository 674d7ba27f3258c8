package elasticsearch

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/cluster"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/metrics"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/settings"
)

// Plugin returns the sink for the list of plugins. The alias is the class name
// of the Java sink whose configuration it understands.
func Plugin() connect.SinkPlugin {
	return connect.SinkPlugin{
		Info: connect.Info{
			Class:   "ElasticsearchSink",
			Aliases: []string{"io.confluent.connect.elasticsearch.ElasticsearchSinkConnector"},
			Doc: "Writes documents in bulk, with ids made of topic, partition and offset, or of the key. Retries what " +
				"may succeed later; a document that Elasticsearch refuses becomes a dead letter.",
			Def:      settings.Def,
			Validate: settings.Validate,
		},
		New:     func() connect.SinkConnector { return &SinkConnector{} },
		Metrics: func(r prometheus.Registerer) { metrics.New(r, func() metrics.Now { return metrics.Now{} }) },
	}
}

var (
	_ connect.SinkConnector     = (*SinkConnector)(nil)
	_ connect.SinkOffsetAlterer = (*SinkConnector)(nil)
	_ connect.Checker           = (*SinkConnector)(nil)
)

// SinkConnector plans tasks that all do the same: Kafka's consumer group
// spreads the partitions over them.
type SinkConnector struct{}

// Start has nothing to acquire: the configuration is checked already.
func (c *SinkConnector) Start(context.Context, config.Values) error { return nil }

// Check implements [connect.Checker]: it asks each node of connection.url for its version.
func (c *SinkConnector) Check(ctx context.Context, v config.Values) (found string, err error) {
	s, err := settings.New(v)
	if err != nil {
		return "", err
	}
	return cluster.Ask(ctx, s.Cluster)
}

// TaskConfigs plans maxTasks tasks with the connector's configuration.
func (c *SinkConnector) TaskConfigs(maxTasks int) ([]map[string]string, error) {
	return connect.SameConfig(maxTasks), nil
}

// NewTask returns a task that has not been started.
func (c *SinkConnector) NewTask() connect.SinkTask { return &SinkTask{} }

// AlterOffsets takes all offsets: the sink keeps none of its own. What is read again is
// written again under the same ids, and where these have the offsets as their versions,
// Elasticsearch keeps what is newer.
func (c *SinkConnector) AlterOffsets(context.Context, config.Values, connect.Offsets, []connect.TopicPartition) error {
	return nil
}

// Stop has nothing to free.
func (c *SinkConnector) Stop() error { return nil }
