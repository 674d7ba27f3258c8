package task

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/suiro/suiro/streams/topology"
)

// Metrics are the counters of all tasks of an app, by Kafka Streams' names in
// Prometheus' form. All methods are safe for concurrent use.
type Metrics struct {
	records, bytes, drops, rejects, restores, marks *prometheus.CounterVec
	seconds                                         *prometheus.CounterVec
}

// NewMetrics registers the counters with r; nil leaves them unregistered.
func NewMetrics(r prometheus.Registerer) *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "kafka_streams", Subsystem: "task", Name: name, Help: help,
		}, append([]string{"task_id"}, labels...))
		if r != nil {
			r.MustRegister(c)
		}
		return c
	}
	return &Metrics{
		records:  counter("process_total", "Records processed, also those of epochs that were aborted."),
		bytes:    counter("process_bytes_total", "Bytes of keys and values processed."),
		seconds:  counter("process_seconds_total", "Time spent in the topology."),
		drops:    counter("dropped_records_total", "Records left out on purpose, such as late ones."),
		rejects:  counter("rejected_records_total", "Records sent to the dead letters.", "stage"),
		restores: counter("restore_total", "Changelog records replayed."),
		marks:    counter("batches_total", "Batches whose outputs are all acknowledged."),
	}
}

func (m *Metrics) processed(id topology.TaskID, records int, bytes int64, took time.Duration) {
	task := id.String()
	m.records.WithLabelValues(task).Add(float64(records))
	m.bytes.WithLabelValues(task).Add(float64(bytes))
	m.seconds.WithLabelValues(task).Add(took.Seconds())
}

func (m *Metrics) dropped(id topology.TaskID) { m.drops.WithLabelValues(id.String()).Inc() }

func (m *Metrics) rejected(id topology.TaskID, stage string) {
	m.rejects.WithLabelValues(id.String(), stage).Inc()
}

func (m *Metrics) restored(id topology.TaskID) { m.restores.WithLabelValues(id.String()).Inc() }

func (m *Metrics) marked(id topology.TaskID) { m.marks.WithLabelValues(id.String()).Inc() }
