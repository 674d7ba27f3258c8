package group

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metric is a metric of a [Member] as its page describes it.
type Metric struct {
	// Name and Help are as Prometheus shows them.
	Name, Help string
	// Type is counter, gauge or histogram.
	Type string
	// Labels are the names of its labels.
	Labels []string
}

// The names are those of Kafka Connect's groups connect-worker-rebalance-metrics and
// connect-coordinator-metrics.
var (
	protocolMetric = newMetric("gauge", "worker_rebalance_metrics_connect_protocol",
		"1 for the protocol that the group has settled on, and 0 for the others.", "protocol")
	leaderMetric = newMetric("gauge", "worker_rebalance_metrics_leader_name",
		"1 for the URL of the group's leader. Not there while the worker is in no group.", "leader_name")
	epochMetric = newMetric("gauge", "worker_rebalance_metrics_epoch",
		"Number of the last rebalance, by the group's count.")
	completedMetric = newMetric("counter", "worker_rebalance_metrics_completed_rebalances_total",
		"Rebalances that the worker went through.")
	rebalancingMetric = newMetric("gauge", "worker_rebalance_metrics_rebalancing",
		"1 from when the worker has heard of a rebalance, or asks for one, until it has its assignment.")
	timeMetric = newMetric("histogram", "worker_rebalance_metrics_rebalance_time_seconds",
		"How long rebalances took, from when the worker heard of them, or asked for one, until it had its assignment.")
	sinceMetric = newMetric("gauge", "worker_rebalance_metrics_time_since_last_rebalance_seconds",
		"Time since the last rebalance. Not there before the first.")
	connectorsMetric = newMetric("gauge", "coordinator_metrics_assigned_connectors",
		"Connectors that the group has assigned to the worker.")
	tasksMetric = newMetric("gauge", "coordinator_metrics_assigned_tasks",
		"Tasks that the group has assigned to the worker.")
	failedMetric = newMetric("counter", "coordinator_metrics_failed_rebalance_total",
		"Rebalances that came to nothing for the worker: it was expelled meanwhile, or the group was not reached.")
	expelledMetric = newMetric("counter", "coordinator_metrics_expelled_total",
		"Times that the group had expelled the worker, or was not reached for session.timeout.ms.")
)

// Metrics returns every metric of a [Member], by name; none needs to have joined.
func Metrics() []Metric {
	var out []Metric
	for _, m := range []metric{expelledMetric, connectorsMetric, tasksMetric, failedMetric, completedMetric,
		protocolMetric, epochMetric, leaderMetric, timeMetric, rebalancingMetric, sinceMetric} {
		out = append(out, m.Metric)
	}
	slices.SortFunc(out, func(a, b Metric) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// metric is a metric with its description.
type metric struct {
	Metric
	desc *prometheus.Desc
}

func newMetric(kind, name, help string, labels ...string) metric {
	name = "kafka_connect_" + name
	return metric{Metric{Name: name, Help: help, Type: kind, Labels: labels}, prometheus.NewDesc(name, help, labels, nil)}
}

func (m metric) send(ch chan<- prometheus.Metric, value float64, labels ...string) {
	kind := prometheus.GaugeValue
	if m.Type == "counter" {
		kind = prometheus.CounterValue
	}
	ch <- prometheus.MustNewConstMetric(m.desc, kind, value, labels...)
}

var _ prometheus.Collector = (*rebalances)(nil)

// rebalances counts the rebalances of one member.
type rebalances struct {
	times prometheus.Histogram

	mu                sync.Mutex // guards what follows
	began             time.Time  // zero when none is under way
	ended             time.Time  // of the last; zero before the first
	now               Assignment
	completed, failed int
	expelled          int
}

func newRebalances() *rebalances {
	return &rebalances{times: prometheus.NewHistogram(prometheus.HistogramOpts{Name: timeMetric.Name,
		Help: timeMetric.Help, Buckets: []float64{.004, .016, .064, .25, 1, 4, 16, 60}})}
}

// begin takes note that a rebalance is under way.
func (r *rebalances) begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.began.IsZero() {
		r.began = time.Now()
	}
}

// expel takes note that the worker is out of the group.
func (r *rebalances) expel() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expelled++
}

// complete takes note of a result.
func (r *rebalances) complete(a Assignment) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.completed++
	r.now, r.ended = a, time.Now()
	r.times.Observe(r.ended.Sub(r.began).Seconds())
	r.began = time.Time{}
}

// fail takes note of a rebalance that came to nothing. It goes on until another is
// complete.
func (r *rebalances) fail() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed++
}

// leave takes note that the worker is in no group.
func (r *rebalances) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now, r.began = Assignment{}, time.Time{}
}

// Describe implements [prometheus.Collector].
func (r *rebalances) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(r, ch) }

// Collect implements [prometheus.Collector].
func (r *rebalances) Collect(ch chan<- prometheus.Metric) {
	r.mu.Lock()
	defer r.mu.Unlock()
	in := r.now.MemberID != ""
	for p, name := range configNames {
		protocolMetric.send(ch, number(in && r.now.Protocol == Protocol(p)), name)
	}
	if in {
		leaderMetric.send(ch, 1, r.now.LeaderURL)
	}
	if !r.ended.IsZero() {
		sinceMetric.send(ch, time.Since(r.ended).Seconds())
	}
	epochMetric.send(ch, float64(r.now.Generation))
	rebalancingMetric.send(ch, number(!r.began.IsZero()))
	completedMetric.send(ch, float64(r.completed))
	failedMetric.send(ch, float64(r.failed))
	expelledMetric.send(ch, float64(r.expelled))
	connectorsMetric.send(ch, float64(len(r.now.Owned.Connectors)))
	tasksMetric.send(ch, float64(len(r.now.Owned.Tasks)))
	r.times.Collect(ch)
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
