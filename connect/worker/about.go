package worker

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/internal/procmetrics"
)

var _ prometheus.Collector = (*Worker)(nil)

// About is what the worker's first line in the log says, behind what the caller has
// to say: pairs of a name and a value.
func (w *Worker) About(more ...any) []any {
	offsets := "file " + w.plan.OffsetFile
	if w.plan.OffsetTopic != "" {
		offsets = "topic " + w.plan.OffsetTopic
	}
	out := append(more, "brokers", strings.Join(w.plan.Admin.Brokers(), ","), "cluster", w.cluster, "offsets", offsets,
		"listeners", strings.Join(w.plan.Listeners, ","), "plugins", w.countPlugins())
	if w.plan.GroupID != "" {
		out = append(out, "group", w.plan.GroupID, "exactly_once", w.plan.ExactlyOnce)
	}
	return out
}

func (w *Worker) countPlugins() int {
	p := w.plugins
	return len(p.Sources) + len(p.Sinks) + len(p.Converters) + len(p.HeaderConverters) + len(p.Transforms) +
		len(p.Predicates)
}

// Describe implements [prometheus.Collector]. It describes nothing in advance, as
// connectors come and go.
func (w *Worker) Describe(chan<- *prometheus.Desc) {}

// Collect implements [prometheus.Collector]: it sends what [OwnMetrics] lists.
func (w *Worker) Collect(ch chan<- prometheus.Metric) {
	for _, s := range workerSeries() {
		ch <- prometheus.MustNewConstMetric(prometheus.NewDesc(s.Name, s.Help, nil, nil), prometheus.CounterValue,
			float64(s.value(w)))
	}
	procmetrics.Memory{Budget: w.plan.Memory}.Collect(ch)
	about := prometheus.NewDesc(aboutConnector.Name, aboutConnector.Help, aboutConnector.Labels, nil)
	for _, p := range w.running.plans() {
		ch <- prometheus.MustNewConstMetric(about, prometheus.GaugeValue, 1, p.Name, string(p.Type), p.Class, p.Version)
	}
}

// About is what the connector's first line in the log says of all its tasks, of which
// there are as many as given: pairs of a name and a value.
func (c *Connector) About(tasks int) []any {
	p := c.Plan
	out := []any{"class", p.Class, "version", p.Version, "tasks", tasks, "key_converter", p.Key.Class,
		"value_converter", p.Value.Class}
	if s := p.Subscription; p.Type == plan.Sink {
		topics := strings.Join(s.Topics, ",")
		if s.Pattern != nil {
			topics = "all that match " + p.Props["topics.regex"]
		}
		out = append(out, "topics", topics, "group", s.Group)
	} else {
		out = append(out, "exactly_once", p.Records.ExactlyOnce)
	}
	if transforms := p.Props["transforms"]; transforms != "" {
		out = append(out, "transforms", transforms)
	}
	if p.DeadLetters != nil {
		out = append(out, "dead_letters", p.DeadLetters.Topic)
	} else if p.Tolerance.All {
		out = append(out, "dead_letters", "none: bad records are skipped")
	}
	return out
}
