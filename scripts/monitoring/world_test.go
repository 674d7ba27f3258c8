package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/twmb/franz-go/pkg/kfake"
)

// world is a worker and an app on an embedded Kafka and a fake Elasticsearch:
//
//	lines -> file source -> records -> Elasticsearch sink, folder sink, app
//
// Two more sinks fail as long as their folder is missing: copy at once, and again after
// each restart.
type world struct {
	folder        string
	bin           string
	kafka         *gate
	brokers       string
	elasticsearch *fakeElasticsearch
	worker, app   *process
}

const workerProperties = `bootstrap.servers=%s
listeners=http://%s
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.storage.StringConverter
offset.storage.file.filename=%s/offsets
offset.flush.interval.ms=500
`

// connectors are the configurations by name; %[1]s is the folder of the test,
// %[2]s is Elasticsearch.
var connectors = map[string]string{
	"lines": `{"name": "lines", "config": {"connector.class": "FileStreamSource", "file": "%[1]s/lines", "topic": "records",
		"topic.creation.default.partitions": "2", "topic.creation.default.replication.factor": "1",
		"transforms": "route", "transforms.route.type": "org.apache.kafka.connect.transforms.RegexRouter",
		"transforms.route.regex": "records", "transforms.route.replacement": "records"}}`,
	"documents": `{"name": "documents", "config": {"connector.class": "ElasticsearchSink", "topics": "records",
		"connection.url": "%[2]s", "key.ignore": "true", "schema.ignore": "true", "retry.backoff.ms": "100", "max.buffered.records": "20",
		"value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "false",
		"errors.tolerance": "all", "errors.deadletterqueue.topic.name": "rejected",
		"errors.deadletterqueue.topic.replication.factor": "1"}}`,
	"files": `{"name": "files", "config": {"connector.class": "HdfsSink", "topics": "records", "store.url": "file://%[1]s/files",
		"flush.size": "5", "rotate.idle.ms": "1000", "format.class": "JsonFormat",
		"value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "false",
		"errors.tolerance": "all"}}`,
	"again": `{"name": "again", "config": {"connector.class": "FileStreamSink", "topics": "records", "file": "%[1]s/missing/again",
		"errors.restart.delay.ms": "100", "errors.restart.delay.max.ms": "500"}}`,
	"copy": `{"name": "copy", "config": {"connector.class": "FileStreamSink", "topics": "records", "file": "%[1]s/missing/copy",
		"errors.restart.max": "0"}}`,
}

// startWorld starts all of it, with some records on their way.
func startWorld(t *testing.T) *world {
	t.Helper()
	w := &world{folder: t.TempDir(), bin: binaries(t), kafka: newGate(), elasticsearch: startElasticsearch(t)}
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.ListenFn(w.kafka.listen), kfake.SeedTopics(2, "records"))
	if err != nil {
		t.Fatalf("start an embedded kafka: %v", err)
	}
	t.Cleanup(cluster.Close)
	w.brokers = cluster.ListenAddrs()[0]
	if err := w.append(strings.Repeat(record()+"\n", 20)); err != nil {
		t.Fatal(err)
	}
	w.startWorker(t)
	w.startApp(t)
	return w
}

func (w *world) startWorker(t *testing.T) {
	t.Helper()
	address := freeAddress(t)
	if w.worker != nil {
		address = w.worker.address
	}
	properties := filepath.Join(w.folder, "worker.properties")
	write(t, properties, fmt.Sprintf(workerProperties, w.brokers, address, w.folder))
	args := []string{"connect", "--config", properties}
	for name, text := range connectors {
		file := filepath.Join(w.folder, name+".json")
		write(t, file, fmt.Sprintf(text, w.folder, w.elasticsearch.url))
		args = append(args, file)
	}
	w.worker = start(t, address, "/metrics", filepath.Join(w.bin, "suiro"), args...)
}

func (w *world) startApp(t *testing.T) {
	t.Helper()
	address := freeAddress(t)
	if w.app != nil {
		address = w.app.address
	}
	w.app = start(t, address, "/metrics", filepath.Join(w.bin, "server-stats"), "--bootstrap-servers", w.brokers,
		"--input-topic", "records", "--state-dir", filepath.Join(w.folder, "state"), "--http-listen", address,
		"--errors-dead-letter-queue-topic-name", "rejected", "--commit-interval-ms", "200", "--replication-factor", "1")
}

// loseState removes what the app has on its disk, so that its next start restores it.
func (w *world) loseState(t *testing.T) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(w.folder, "state")); err != nil {
		t.Fatal(err)
	}
}

// record is a line of input that everything takes.
func record() string {
	return fmt.Sprintf(`{"vhost": "shop", "status": 200, "reqtime": 0.25, "time": "%s"}`, time.Now().Format(time.RFC3339))
}

// append appends lines to the input of the file source.
func (w *world) append(lines string) error {
	f, err := os.OpenFile(filepath.Join(w.folder, "lines"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(lines)
	return errors.Join(err, f.Close())
}

// working waits until records have come through everything.
func (w *world) working(t *testing.T) {
	t.Helper()
	eventually(t, "records come through", func() error {
		m, err := w.worker.metrics()
		if err != nil {
			return err
		}
		for _, name := range []string{"elasticsearch_sink_documents_written_total", "hdfs_sink_files_total"} {
			if total(m[name]) == 0 {
				return fmt.Errorf("%s is 0", name)
			}
		}
		if m, err = w.app.metrics(); err != nil {
			return err
		}
		if total(m["kafka_streams_thread_commit_total"]) == 0 {
			return errors.New("the app has committed nothing")
		}
		return nil
	})
}

// total is the sum of all series of a counter or gauge.
func total(f *dto.MetricFamily) (sum float64) {
	for _, m := range f.GetMetric() {
		sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
	}
	return sum
}
