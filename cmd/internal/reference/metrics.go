package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/suiro/suiro/connect/group"
	"github.com/suiro/suiro/connect/metrics"
	"github.com/suiro/suiro/connect/worker"
	"github.com/suiro/suiro/streams/app"
)

// metric is a metric as the pages show it.
type metric struct {
	name, kind, help string
	labels           []string
}

// writeSeries adds metrics, each under a heading of the level.
func writeSeries(p *page, level int, list []metric) {
	for _, m := range list {
		p.heading(level, "`"+m.name+"`")
		p.say("%s", m.help)
		facts := m.kind
		if len(m.labels) > 0 {
			facts += " · labels " + strings.Join(quoted(m.labels), ", ")
		}
		p.say("%s", facts)
	}
}

func quoted(list []string) []string {
	out := make([]string, len(list))
	for i, text := range list {
		out[i] = "`" + text + "`"
	}
	return out
}

func metricsPage() *page {
	p := newPage("metrics.md", "Metrics", "Every metric of workers, tasks and stream apps, for Prometheus.")
	p.say("%s", p.about)
	p.say("They are at `/metrics` of a worker's `listeners` and of an app's `http.listen`. Metrics that a connector counts " +
		"itself are on the connector's page. Both have those of the Go runtime (`go_*`), of the process (`process_*`) and " +
		"`suiro_build_info`, whose labels say the version.")
	p.heading(2, "Of a worker")
	var list []metric
	for _, m := range metrics.List() {
		list = append(list, metric{m.Name, m.Type, m.Help, m.Labels})
	}
	for _, m := range worker.OwnMetrics() {
		list = append(list, metric{m.Name, m.Type, m.Help, m.Labels})
	}
	slices.SortFunc(list, func(a, b metric) int { return strings.Compare(a.name, b.name) })
	writeSeries(p, 3, list)
	p.heading(2, "Of a worker in a group")
	list = nil
	for _, m := range group.Metrics() {
		list = append(list, metric{m.Name, m.Type, m.Help, m.Labels})
	}
	writeSeries(p, 3, list)
	p.heading(2, "Of every task")
	list = nil
	for _, m := range worker.Metrics() {
		list = append(list, metric{m.Name, m.Type, m.Help, m.Labels})
	}
	writeSeries(p, 3, list)
	writeDeviations(p)
	p.heading(2, "Of a stream app")
	p.say("All have the label `application_id` as well.")
	list = nil
	for _, m := range app.Metrics() {
		list = append(list, metric{m.Name, m.Type, m.Help, m.Labels})
	}
	writeSeries(p, 3, list)
	writeStreamsDeviations(p)
	return p
}

// writeStreamsDeviations says where the names are not those of Kafka Streams.
func writeStreamsDeviations(p *page) {
	p.heading(2, "Kafka Streams' names")
	p.say("%s", "A metric of Kafka Streams has the same name here, made of the type of its JMX bean and the attribute, "+
		"with underscores: `"+app.MetricName("stream-task-metrics", "restore-total")+"` is `restore-total` of "+
		"`stream-task-metrics`. A task has no label for its thread, between which it may move. These have other names, or "+
		"are not here:")
	for _, d := range app.MetricDeviations() {
		p.item("%s", deviation(d.Group, d.Names, d.Instead, d.Why))
	}
	p.end()
	p.say("%s", "Of Kafka's clients there are the lag, the time of polls and commits, and whether brokers can be reached.")
}

// deviation says which metrics are there instead of others.
func deviation(group string, names, instead []string, why string) string {
	here := "nothing"
	if len(instead) > 0 {
		here = strings.Join(quoted(instead), ", ")
	}
	return fmt.Sprintf("`%s`: %s → %s. %s", group, strings.Join(quoted(names), ", "), here, why)
}

// writeDeviations says where the names are not those of Kafka Connect.
func writeDeviations(p *page) {
	p.heading(2, "Kafka Connect's names")
	p.say("%s", "A metric of a Java worker has the same name here, made of the type of its JMX bean and the attribute, "+
		"with underscores: `"+metrics.Name("source-task-metrics", "source-record-poll-total")+"` is `source-record-poll-total` "+
		"of `source-task-metrics`, with the same labels `connector` and `task`. These have other names, or are not here:")
	for _, d := range metrics.Deviations() {
		p.item("%s", deviation(d.Group, d.Names, d.Instead, d.Why))
	}
	p.end()
	p.say("%s", "Of Kafka's clients, which a Java worker shows as `connect-metrics`, `connect-coordinator-metrics`, "+
		"`connect-node-metrics` and those of each producer and consumer, there are the assignment and the failures of the "+
		"worker's membership, and `"+metrics.Name("connect-worker-metrics", "brokers-reachable")+"`. What the others are "+
		"watched for, the lag, the time of requests and what waits, is measured by task. A Java worker counts a task's records "+
		"since its last start; here a task counts over all its restarts in this worker.")
}

// writeOwnMetrics adds what a plugin registers for each task.
func writeOwnMetrics(p *page, register func(prometheus.Registerer)) {
	if register == nil {
		return
	}
	var c collected
	register(&c)
	p.heading(2, "Metrics")
	p.say("Of each task, in addition to [those of every task](../metrics.md#of-every-task), with the labels `connector` " +
		"and `task`.")
	writeSeries(p, 3, c.metrics())
}

// collected is a registerer that keeps what is registered, to describe it.
type collected []prometheus.Collector

// Register implements [prometheus.Registerer].
func (c *collected) Register(one prometheus.Collector) error {
	*c = append(*c, one)
	return nil
}

// MustRegister implements [prometheus.Registerer].
func (c *collected) MustRegister(all ...prometheus.Collector) { *c = append(*c, all...) }

// Unregister implements [prometheus.Registerer]; nothing is taken back.
func (c *collected) Unregister(prometheus.Collector) bool { return false }

func (c *collected) metrics() (list []metric) {
	for _, one := range *c {
		descs := make(chan *prometheus.Desc, 100)
		one.Describe(descs)
		close(descs)
		for d := range descs {
			m := describe(d)
			m.kind = kindOf(one)
			list = append(list, m)
		}
	}
	slices.SortFunc(list, func(a, b metric) int { return strings.Compare(a.name, b.name) })
	return list
}

var descText = regexp.MustCompile(`fqName: ("(?:[^"\\]|\\.)*"), help: ("(?:[^"\\]|\\.)*").*variableLabels: \{(.*)\}\}$`)

// describe reads a description, which can be read only as text.
func describe(d *prometheus.Desc) (m metric) {
	found := descText.FindStringSubmatch(d.String())
	if found == nil {
		panic("a description of another form: " + d.String())
	}
	m.name, _ = strconv.Unquote(found[1])
	m.help, _ = strconv.Unquote(found[2])
	if found[3] != "" {
		m.labels = strings.Split(found[3], ",")
	}
	return m
}

// kindOf is counter, gauge or histogram.
func kindOf(c prometheus.Collector) string {
	switch c.(type) {
	case *prometheus.CounterVec:
		return "counter"
	case *prometheus.GaugeVec:
		return "gauge"
	case *prometheus.HistogramVec:
		return "histogram"
	}
	values := make(chan prometheus.Metric, 100)
	c.Collect(values)
	var value dto.Metric
	if err := (<-values).Write(&value); err != nil {
		panic(err) // a metric of our own that cannot be shown
	}
	switch {
	case value.Counter != nil:
		return "counter"
	case value.Histogram != nil:
		return "histogram"
	}
	return "gauge"
}
