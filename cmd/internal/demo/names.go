package demo

import (
	"strings"
	"time"
)

// names are the names of everything that outlives the demo on services.
type names struct {
	prefix string // of topics, groups, connectors and apps
	index  string
}

// newNames returns plain names for the embedded Kafka, which nothing else
// uses. What such a run puts into Elasticsearch gets an index of its own,
// because its offsets, and so the documents' ids, begin at 0 each time.
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

func (n names) topic(base string) string { return n.prefix + base }

// dead is the dead-letter topic of a stage.
func (n names) dead(stage string) string { return n.prefix + stage + "-dlq" }

// app is the application.id of a stream app.
func (n names) app(stage string) string { return n.prefix + stage }

// byServer is the topic in which server-stats brings requests of a server
// together.
func (n names) byServer() string { return n.app(stageStats) + "-by-server-repartition" }

// connector is the name of a connector.
func (n names) connector(stage string) string { return n.prefix + stage }

// connectorGroup is the consumer group of a sink.
func (n names) connectorGroup(stage string) string { return "connect-" + n.connector(stage) }

// table is the Hive table of the HDFS sink, with its database.
func (n names) table() string {
	return "default." + strings.ReplaceAll(n.topic(accessAvro), "-", "_")
}
