package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/suiro/suiro/cmd/internal/demo/folder"
	"github.com/suiro/suiro/cmd/internal/demo/services"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/herder/standalone"
	"github.com/suiro/suiro/connect/metrics"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/rest"
	"github.com/suiro/suiro/examples"
	jsonavro "github.com/suiro/suiro/examples/json-avro/app"
)

// The stages that are connectors.
const (
	stageFile    = "file"
	stageHDFS    = "hdfs"
	stageElastic = "elasticsearch"
)

const (
	stringConverter = "org.apache.kafka.connect.storage.StringConverter"
	jsonConverter   = "org.apache.kafka.connect.json.JsonConverter"
	avroConverter   = "io.confluent.connect.avro.AvroConverter"
)

// workerProps is the worker's configuration. Its source writes records and
// their offsets in one transaction.
func workerProps(k *services.Kafka, n names) map[string]string {
	props := maps.Clone(k.Props)
	maps.Copy(props, map[string]string{
		"group.id":                          n.prefix + "connect",
		"key.converter":                     stringConverter,
		"value.converter":                   stringConverter,
		"offset.storage.topic":              n.topic(offsets),
		"offset.storage.partitions":         "1",
		"offset.storage.replication.factor": k.Replication,
		"offset.flush.interval.ms":          "500",
		"exactly.once.source.support":       "enabled",
		"consumer.session.timeout.ms":       sessionTimeout,
	})
	return props
}

// connectorProps are the configurations of the connectors, by stage.
func connectorProps(o *Options, k *services.Kafka, n names, log, schema, template string) map[string]map[string]string {
	all := map[string]map[string]string{
		stageFile: {
			"connector.class": "FileStreamSource",
			"file":            log,
			"file.end":        "stop",
			"topic":           n.topic(accessLTSV),
		},
		stageHDFS: hdfsProps(o, n, schema),
	}
	if o.Elasticsearch != "" {
		all[stageElastic] = map[string]string{
			"connector.class":                "ElasticsearchSink",
			"topics":                         n.topic(accessJSON),
			"connection.url":                 o.Elasticsearch,
			"index.name.format":              n.index,
			"index.template.file":            template,
			"key.ignore":                     "true",
			"schema.ignore":                  "true",
			"value.converter":                jsonConverter,
			"value.converter.schemas.enable": "false",
		}
	}
	for stage, props := range all {
		maps.Copy(props, map[string]string{
			"name":                              n.connector(stage),
			"tasks.max":                         "1",
			"errors.tolerance":                  "all",
			"errors.deadletterqueue.topic.name": n.dead(stage),
			"errors.deadletterqueue.topic.replication.factor": k.Replication,
			"errors.restart.max":                              "5",
			"errors.restart.delay.max.ms":                     "5000",
		})
	}
	return all
}

func hdfsProps(o *Options, n names, schema string) map[string]string {
	props := map[string]string{
		"connector.class":             "HdfsSink",
		"topics":                      n.topic(accessAvro),
		"store.url":                   o.Store,
		"format.class":                "AvroFormat",
		"avro.codec":                  "snappy",
		"value.converter":             avroConverter,
		"value.converter.schema.file": schema,
		"partitioner.class":           "TimeBasedPartitioner",
		"path.format":                 "'dt='YYYY-MM-dd/'hour='HH",
		"timestamp.extractor":         "RecordField",
		"timestamp.field":             "time",
		"timezone":                    "UTC",
		"flush.size":                  "25000",
		"rotate.idle.ms":              "1000",
	}
	if o.Metastore != "" {
		props["hive.integration"] = "true"
		props["hive.metastore.uris"] = o.Metastore
	}
	return props
}

// worker is a standalone Connect worker with the demo's connectors.
type worker struct {
	*standalone.Herder
	configs map[string]map[string]string // by stage
	names   names
}

// startWorker writes all configurations into the folder, for people to read, and
// starts the worker without connectors.
func startWorker(ctx context.Context, d *demo) (*worker, error) {
	schema, err := d.folder.Write("access.avsc", jsonavro.Schema())
	if err != nil {
		return nil, err
	}
	template, err := d.folder.Write("access-index.json", []byte(examples.AccessIndex()))
	if err != nil {
		return nil, err
	}
	props := workerProps(d.kafka, d.names)
	w := &worker{configs: connectorProps(&d.o, d.kafka, d.names, d.source.path, schema, template), names: d.names}
	if err := w.describe(d.folder, props, d.kafka.Props); err != nil {
		return nil, err
	}
	o := &standalone.Options{Logger: d.log}
	if d.o.Serve {
		o.WorkerID = d.rest.Address()
	}
	cfg, err := plan.ParseConfig(props)
	if err != nil {
		return nil, fmt.Errorf("configure the Connect worker: %w", err)
	}
	w.Herder, err = standalone.New(cfg, d.o.Plugins, o)
	if err != nil {
		return nil, fmt.Errorf("configure the Connect worker: %w", err)
	}
	if err := w.Start(ctx); err != nil {
		return nil, fmt.Errorf("start the Connect worker: %w", err)
	}
	return w, nil
}

// describe writes the configuration files that suiro connect would take. Client
// keys that the caller gave, such as passwords, are left out, except for the
// address of Kafka.
func (w *worker) describe(f folder.Folder, props, given map[string]string) error {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(props)) {
		if _, secret := given[key]; !secret || key == services.BootstrapServers {
			fmt.Fprintf(&b, "%s=%s\n", key, props[key])
		}
	}
	if _, err := f.Write("connect/worker.properties", []byte(b.String())); err != nil {
		return err
	}
	for stage, config := range w.configs {
		text, err := json.MarshalIndent(map[string]any{"name": config["name"], "config": config}, "", "  ")
		if err != nil {
			return err
		}
		if _, err := f.Write("connect/"+stage+".json", append(text, '\n')); err != nil {
			return err
		}
	}
	return nil
}

// run starts the connector of a stage.
func (w *worker) run(ctx context.Context, stage string) error {
	config := w.configs[stage]
	if _, _, err := w.Put(ctx, config["name"], config, ""); err != nil {
		return fmt.Errorf("start the connector of stage %s: %w", stage, err)
	}
	return nil
}

// trouble returns what keeps a task of the stage from working, "" when nothing
// does, and whether that task has failed.
func (w *worker) trouble(stage string) (why string, failed bool) {
	status, err := w.Status(context.Background(), w.names.connector(stage))
	if err != nil {
		return "", false // the connector was stopped
	}
	for _, t := range status.Tasks {
		if t.Trace != "" {
			return t.Trace, t.State == api.Failed
		}
	}
	return "", false
}

// ended reports whether the source has read everything and its offsets are kept.
func (w *worker) ended() bool {
	c, err := w.Counts(w.names.connector(stageFile))
	return err == nil && c.EndOfInput
}

// pages are what the worker answers over HTTP.
func (w *worker) pages() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", rest.New(w.Herder, nil))
	mux.Handle("/metrics", metrics.Handler(w.Herder, nil))
	return mux
}
