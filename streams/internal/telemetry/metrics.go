package telemetry

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/suiro/suiro/streams/topology"
)

// Metrics count for one app. All methods are safe for concurrent use.
type Metrics struct {
	failed, commits, aborts, rebalances, epochs prometheus.Counter
	polled                                      *prometheus.CounterVec
	poll, process, commit, rebalance            prometheus.Histogram
	endToEnd                                    *prometheus.HistogramVec

	records, bytes, seconds, batches         *prometheus.CounterVec
	dropped, rejected, deadLetters, restored *prometheus.CounterVec
	total                                    atomic.Int64

	register prometheus.Registerer
	err      error
}

// New returns the metrics of an app and registers them with r; nil leaves them
// unregistered. The error says that r has metrics of these names and labels.
func New(r prometheus.Registerer) (*Metrics, error) {
	m := &Metrics{register: r}
	m.failed, m.rebalances = m.counter(failedThreads), m.counter(rebalances)
	m.commits, m.aborts, m.epochs = m.counter(commits), m.counter(aborts), m.counter(epochSeconds)
	m.polled = m.counters(pollRecords)
	m.poll = m.histograms(pollLatency, fast).WithLabelValues().(prometheus.Histogram)
	m.process = m.histograms(processLatency, fast).WithLabelValues().(prometheus.Histogram)
	m.commit = m.histograms(commitLatency, fast).WithLabelValues().(prometheus.Histogram)
	m.rebalance = m.histograms(rebalanceLatency, slow).WithLabelValues().(prometheus.Histogram)
	m.endToEnd = m.histograms(endToEnd, slow)

	m.records, m.bytes = m.counters(taskRecords), m.counters(taskBytes)
	m.seconds, m.batches = m.counters(taskSeconds), m.counters(taskBatches)
	m.dropped, m.rejected = m.counters(taskDropped), m.counters(taskRejected)
	m.deadLetters, m.restored = m.counters(taskDeadLetters), m.counters(taskRestored)
	return m, m.err
}

// The buckets of histograms, in seconds: of what takes milliseconds, and of what may
// take minutes.
var (
	fast = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}
	slow = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200}
)

func (m *Metrics) add(c prometheus.Collector) {
	if m.register == nil {
		return
	}
	if err := m.register.Register(c); err != nil && m.err == nil {
		m.err = err
	}
}

func (m *Metrics) counters(name string) *prometheus.CounterVec {
	i := info(name)
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: i.Name, Help: i.Help}, i.Labels)
	m.add(c)
	return c
}

// counter returns the only series of a metric without labels, which is there from
// the start.
func (m *Metrics) counter(name string) prometheus.Counter { return m.counters(name).WithLabelValues() }

func (m *Metrics) histograms(name string, buckets []float64) *prometheus.HistogramVec {
	i := info(name)
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: i.Name, Help: i.Help, Buckets: buckets}, i.Labels)
	m.add(h)
	return h
}

// Failed counts a thread that ended with an error.
func (m *Metrics) Failed() { m.failed.Inc() }

// Polled counts the records of a topic.
func (m *Metrics) Polled(topic string, n int) { m.polled.WithLabelValues(topic).Add(float64(n)) }

// PollTook observes how long a poll waited.
func (m *Metrics) PollTook(d time.Duration) { m.poll.Observe(d.Seconds()) }

// Committed counts an epoch of so many records, and observes how long its end took.
func (m *Metrics) Committed(records int, epoch, end time.Duration) {
	m.total.Add(int64(records))
	m.commits.Inc()
	m.epochs.Add(epoch.Seconds())
	m.commit.Observe(end.Seconds())
}

// Total returns how many records are committed.
func (m *Metrics) Total() int64 { return m.total.Load() }

// Aborted counts an epoch that was aborted.
func (m *Metrics) Aborted() { m.aborts.Inc() }

// Rebalanced counts a rebalance and observes how long it took.
func (m *Metrics) Rebalanced(took time.Duration) {
	m.rebalances.Inc()
	m.rebalance.Observe(took.Seconds())
}

// Topic makes the series of a source topic, so that they are there before its first
// record.
func (m *Metrics) Topic(topic string) {
	m.polled.WithLabelValues(topic)
	m.endToEnd.WithLabelValues(topic)
}

// Task returns the metrics of one task, and makes their series.
func (m *Metrics) Task(id topology.TaskID) *Task {
	task := id.String()
	t := &Task{
		all: m, process: m.process,
		records: m.records.WithLabelValues(task), bytes: m.bytes.WithLabelValues(task),
		seconds: m.seconds.WithLabelValues(task), batches: m.batches.WithLabelValues(task),
		late: m.dropped.WithLabelValues(task, Late), dropped: m.dropped.WithLabelValues(task, ByProcessor),
		skipped:     m.dropped.WithLabelValues(task, ByHandler),
		deadLetters: m.deadLetters.WithLabelValues(task), restored: m.restored.WithLabelValues(task),
		rejected: map[string]prometheus.Counter{},
	}
	for _, stage := range []string{topology.Deserialization, topology.Processing, topology.Production} {
		t.rejected[stage] = m.rejected.WithLabelValues(task, stage)
	}
	return t
}
