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
	created, closed                             prometheus.Counter
	polled, poll, process, punctuate            prometheus.Histogram
	commit, rebalance, lateness                 prometheus.Histogram
	endToEnd                                    *prometheus.HistogramVec

	records, seconds, batches, enforced      *prometheus.CounterVec
	dropped, rejected, deadLetters, restored *prometheus.CounterVec
	total                                    atomic.Int64

	missed                         *prometheus.CounterVec
	recordsConsumed, bytesConsumed *prometheus.CounterVec
	recordsProduced, bytesProduced *prometheus.CounterVec

	register prometheus.Registerer
	err      error
}

// New returns the metrics of an app and registers them with r; nil leaves them
// unregistered. The error says that r has metrics of these names and labels.
func New(r prometheus.Registerer) (*Metrics, error) {
	m := &Metrics{register: r}
	m.failed, m.rebalances = m.counter(failedThreads), m.counter(rebalances)
	m.commits, m.aborts, m.epochs = m.counter(commits), m.counter(aborts), m.counter(epochSeconds)
	m.created, m.closed = m.counter(tasksCreated), m.counter(tasksClosed)
	m.polled, m.poll = m.histogram(pollRecords, many), m.histogram(pollLatency, fast)
	m.process, m.punctuate = m.histogram(processLatency, fast), m.histogram(punctuateLatency, fast)
	m.commit, m.rebalance = m.histogram(commitLatency, fast), m.histogram(rebalanceLatency, slow)
	m.lateness, m.endToEnd = m.histogram(taskLateness, slow), m.histograms(endToEnd, slow)

	m.records, m.seconds = m.counters(taskRecords), m.counters(taskSeconds)
	m.batches, m.enforced = m.counters(taskBatches), m.counters(taskEnforced)
	m.dropped, m.rejected = m.counters(taskDropped), m.counters(taskRejected)
	m.deadLetters, m.restored = m.counters(taskDeadLetters), m.counters(taskRestored)

	m.missed = m.counters(missedRecords)
	m.recordsConsumed, m.bytesConsumed = m.counters(recordsConsumed), m.counters(bytesConsumed)
	m.recordsProduced, m.bytesProduced = m.counters(recordsProduced), m.counters(bytesProduced)
	return m, m.err
}

// The buckets of histograms: in seconds those of what takes milliseconds, and of what may
// take minutes; and numbers of records.
var (
	fast = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}
	slow = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200}
	many = []float64{0, 1, 10, 100, 500, 1000, 5000, 10_000, 50_000}
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

// histogram returns the only series of a metric without labels.
func (m *Metrics) histogram(name string, buckets []float64) prometheus.Histogram {
	return m.histograms(name, buckets).WithLabelValues().(prometheus.Histogram)
}

// Failed counts a thread that ended with an error.
func (m *Metrics) Failed() { m.failed.Inc() }

// Polled observes how many records a poll returned, and how long it waited.
func (m *Metrics) Polled(records int, took time.Duration) {
	m.polled.Observe(float64(records))
	m.poll.Observe(took.Seconds())
}

// Missed counts offsets of a topic that were deleted before they were read.
func (m *Metrics) Missed(topic string, offsets int64) {
	m.missed.WithLabelValues(topic).Add(float64(offsets))
}

// Created counts a task that was started.
func (m *Metrics) Created() { m.created.Inc() }

// Closed counts a task that has ended.
func (m *Metrics) Closed() { m.closed.Inc() }

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
	m.missed.WithLabelValues(topic)
	m.endToEnd.WithLabelValues(topic)
	m.recordsConsumed.WithLabelValues(topic)
	m.bytesConsumed.WithLabelValues(topic)
}

// Task returns the metrics of one task, and makes their series.
func (m *Metrics) Task(id topology.TaskID) *Task {
	task := id.String()
	t := &Task{
		all: m, records: m.records.WithLabelValues(task), seconds: m.seconds.WithLabelValues(task),
		batches: m.batches.WithLabelValues(task), enforced: m.enforced.WithLabelValues(task),
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
