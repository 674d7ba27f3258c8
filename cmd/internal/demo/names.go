package demo

import (
	"strings"
	"time"
)

// partitions of the topics with requests: enough to have several tasks.
const partitions = 2

// sessionTimeout is how long the groups wait for a demo that was killed before
// the next one gets its partitions, in milliseconds.
const sessionTimeout = "10000"

// names are the names of everything that a demo leaves behind on real services.
type names struct {
	prefix string // of topics, groups, connectors and apps
	index  string
}

// newNames returns names without a prefix for the embedded Kafka, because nothing
// else uses it. A run on the embedded Kafka gets an index of its own in
// Elasticsearch: its offsets, and therefore the documents' ids, begin at 0 each
// time.
func newNames(o *Options, now time.Time) names {
	if !o.external() {
		return names{index: o.Name + "-access-json-" + now.UTC().Format("20060102-150405")}
	}
	n := names{prefix: o.Name + "-"}
	n.index = n.topic(accessJSON)
	return n
}

// The topics, without prefix.
const (
	accessLTSV = "access-ltsv"
	accessJSON = "access-json"
	accessAvro = "access-avro"
	offsets    = "connect-offsets"
)

// topic is the full name of a topic.
func (n names) topic(base string) string { return n.prefix + base }

// dead is the dead-letter topic of a stage.
func (n names) dead(stage string) string { return n.prefix + stage + "-dlq" }

// app is the application.id of a stream app.
func (n names) app(stage string) string { return n.prefix + stage }

// byServer is the repartition topic of server-stats, in which all requests of a
// server are in one partition.
func (n names) byServer() string { return n.app(stageStats) + "-by-server-repartition" }

// connector is the name of a connector.
func (n names) connector(stage string) string { return n.prefix + stage }

// connectorGroup is the consumer group of a sink.
func (n names) connectorGroup(stage string) string { return "connect-" + n.connector(stage) }

// table is the Hive table of the HDFS sink, with its database.
func (n names) table() string {
	return "default." + strings.ReplaceAll(n.topic(accessAvro), "-", "_")
}
