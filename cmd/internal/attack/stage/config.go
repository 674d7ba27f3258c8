package stage

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
)

// honestSchema is what json-avro picks out of the requests.
const honestSchema = `{"type":"record","name":"Access","fields":[
  {"name":"id","type":["null","string"],"default":null},
  {"name":"time","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null},
  {"name":"vhost","type":["null","string"],"default":null},
  {"name":"status","type":["null","int"],"default":null},
  {"name":"size","type":["null","long"],"default":null},
  {"name":"reqtime","type":["null","double"],"default":null},
  {"name":"ua","type":["null","string"],"default":null}]}`

// Password is the password of a connector, which nothing may show.
const Password = "hunter2-of-the-sink"

const (
	stringConverter = "org.apache.kafka.connect.storage.StringConverter"
	jsonConverter   = "org.apache.kafka.connect.json.JsonConverter"
	avroConverter   = "io.confluent.connect.avro.AvroConverter"
)

// workerArgs writes the configuration of the worker and its connectors.
func (s *Stage) workerArgs(http string) ([]string, error) {
	properties := strings.Join([]string{
		"bootstrap.servers=" + strings.Join(s.Kafka, ","), "listeners=http://" + http, "group.id=" + s.Run,
		"exactly.once.source.support=enabled", "offset.storage.topic=" + s.Topic("offsets"),
		"offset.storage.replication.factor=1", "offset.storage.partitions=1", "offset.flush.interval.ms=1000",
		"key.converter=" + stringConverter, "value.converter=" + stringConverter,
		"metadata.max.age.ms=2000", "rest.tap.enable=true", ""}, "\n")
	path := filepath.Join(s.Given, "worker.properties")
	if err := os.WriteFile(path, []byte(properties), 0o600); err != nil {
		return nil, err
	}
	args := []string{"connect", "--config", path}
	for name, config := range s.connectors() {
		text, err := json.Marshal(map[string]any{"name": s.Topic(name), "config": config})
		if err != nil {
			return nil, err
		}
		path := filepath.Join(s.Given, name+".json")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return nil, err
		}
		args = append(args, path)
	}
	return args, nil
}

// memberArgs writes the configuration of a worker in a group, which runs nothing.
func (s *Stage) memberArgs(http string) ([]string, error) {
	properties := strings.Join([]string{
		"bootstrap.servers=" + strings.Join(s.Kafka, ","), "listeners=http://" + http, "group.id=" + s.Cluster(),
		"config.storage.topic=" + s.Topic("cluster-configs"), "config.storage.replication.factor=1",
		"offset.storage.topic=" + s.Topic("cluster-offsets"), "offset.storage.replication.factor=1",
		"offset.storage.partitions=1", "status.storage.topic=" + s.Topic("cluster-status"),
		"status.storage.replication.factor=1", "status.storage.partitions=1", "session.timeout.ms=6000",
		"heartbeat.interval.ms=500", "worker.unsync.backoff.ms=2000", "key.converter=" + stringConverter,
		"value.converter=" + stringConverter, ""}, "\n")
	path := filepath.Join(s.Given, "member.properties")
	return []string{"connect", "--config", path}, os.WriteFile(path, []byte(properties), 0o600)
}

// Cluster is the name of the group of the worker that is in one.
func (s *Stage) Cluster() string { return s.Topic("cluster") }

// connectors are the configurations by name.
func (s *Stage) connectors() map[string]map[string]string {
	schemaless := map[string]string{"value.converter": jsonConverter, "value.converter.schemas.enable": "false"}
	all := map[string]map[string]string{
		"honest-log": s.source(s.LogFile(), s.Topic("ltsv"), "honest-log"),
		"to-elasticsearch": s.sink("to-elasticsearch", schemaless, map[string]string{
			"connector.class": "ElasticsearchSink", "connection.url": s.Elasticsearch, "key.ignore": "true",
			"connection.username": "nobody", "connection.password": Password, "schema.ignore": "true",
			"read.timeout.ms": "60000", "tasks.max": "1",
			"topics.regex": s.Topic("json") + "|" + s.Topic("wild-") + ".*"}),
		"to-hdfs": s.sink("to-hdfs", schemaless, map[string]string{
			"connector.class": "HdfsSink", "store.url": "hdfs://" + s.HDFS, "topics.dir": s.Topics, "flush.size": "5000",
			"rotate.schedule.interval.ms": "2000", "format.class": "JsonFormat", "tasks.max": "1",
			"partitioner.class": "FieldPartitioner", "partition.field.name": "vhost", "topics.regex": s.pattern()}),
		"to-file": s.sink("to-file", nil, map[string]string{"connector.class": "FileStreamSink",
			"file": filepath.Join(s.Sink, "json.txt"), "topics": s.Topic("json")}),
		"to-ltsv": s.sink("to-ltsv", nil, map[string]string{"connector.class": "FileStreamSink",
			"file": filepath.Join(s.Sink, "ltsv.txt"), "topics": s.Topic("ltsv")}),
		"to-registry": s.sink("to-registry", map[string]string{"value.converter": avroConverter,
			"value.converter.schema.registry.url": s.Registry}, map[string]string{"connector.class": "FileStreamSink",
			"file": filepath.Join(s.Sink, "registry.txt"), "topics": s.Topic("registry"),
			// Each wrong answer of the registry ends the task once.
			"errors.restart.delay.max.ms": "2000"}),
		"to-envelope": s.sink("to-envelope", map[string]string{"value.converter": jsonConverter},
			map[string]string{"connector.class": "FileStreamSink",
				"file": filepath.Join(s.Sink, "envelope.txt"), "topics": s.Topic("envelope")}),
	}
	for n := range Logs {
		all[fmt.Sprintf("manifest-%d", n)] = s.sink("manifests", schemaless, map[string]string{
			"connector.class": "HdfsSink", "store.url": "hdfs://" + s.HDFS, "topics.dir": s.Other, "flush.size": "1",
			"format.class": "JsonFormat", "topics.regex": s.Topic(fmt.Sprintf("manifest-%d", n))})
	}
	for n := range Plants {
		all[fmt.Sprintf("planted-%d", n)] = s.source(s.Planted(n), s.Topic("planted"), "planted")
	}
	return all
}

func (s *Stage) source(file, topic, name string) map[string]string {
	return map[string]string{"connector.class": "FileStreamSource", "file": file, "topic": topic,
		"poll.interval.ms": "100", "errors.tolerance": "all", "errors.log.enable": "true",
		"topic.creation.default.partitions": "1", "topic.creation.default.replication.factor": "1",
		"errors.deadletterqueue.topic.name":               s.dead(name),
		"errors.deadletterqueue.topic.replication.factor": "1"}
}

func (s *Stage) sink(name string, configs ...map[string]string) map[string]string {
	out := map[string]string{"errors.tolerance": "all", "errors.deadletterqueue.topic.name": s.dead(name),
		"errors.deadletterqueue.topic.replication.factor": "1", "behavior.on.null.values": "ignore"}
	for _, c := range configs {
		maps.Copy(out, c)
	}
	if out["connector.class"] != "ElasticsearchSink" {
		delete(out, "behavior.on.null.values")
	}
	return out
}

// appArgs are the flags of an app.
func (s *Stage) appArgs(name, http, input string, more ...string) []string {
	return append([]string{"--bootstrap-servers", strings.Join(s.Kafka, ","), "--application-id", s.Topic(name),
		"--input-topic", s.Topic(input), "--state-dir", filepath.Join(s.State, name), "--http-listen", http,
		"--replication-factor", "1", "--session-timeout-ms", "10000",
		"--errors-dead-letter-queue-topic-name", s.dead(name)}, more...)
}
