package thread

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics are the counters of an app's threads, in Prometheus' form. All
// methods are safe for concurrent use.
type Metrics struct {
	polls           *prometheus.CounterVec
	tasks           *prometheus.GaugeVec
	commits, aborts prometheus.Counter
	seconds         prometheus.Counter
}

// NewMetrics registers the counters with r; nil leaves them unregistered.
func NewMetrics(r prometheus.Registerer) *Metrics {
	opts := func(name, help string) prometheus.CounterOpts {
		return prometheus.CounterOpts{Namespace: "kafka_streams", Subsystem: "thread", Name: name, Help: help}
	}
	m := &Metrics{
		polls:   prometheus.NewCounterVec(opts("poll_records_total", "Records polled."), []string{"topic"}),
		commits: prometheus.NewCounter(opts("commit_total", "Epochs committed.")),
		aborts:  prometheus.NewCounter(opts("abort_total", "Epochs aborted; their records come again.")),
		seconds: prometheus.NewCounter(opts("epoch_seconds_total", "Time spent in committed epochs.")),
		tasks: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: "kafka_streams", Subsystem: "thread", Name: "tasks", Help: "Tasks owned.",
		}, []string{"thread_id"}),
	}
	if r != nil {
		r.MustRegister(m.polls, m.commits, m.aborts, m.seconds, m.tasks)
	}
	return m
}

func (m *Metrics) polled(topic string, n int) { m.polls.WithLabelValues(topic).Add(float64(n)) }

func (m *Metrics) assigned(thread string, n int) { m.tasks.WithLabelValues(thread).Set(float64(n)) }

func (m *Metrics) committed(took time.Duration) {
	m.commits.Inc()
	m.seconds.Add(took.Seconds())
}

func (m *Metrics) aborted() { m.aborts.Inc() }
