package counts

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect/plan"
)

// The classes and versions of what a task is made of. Their values are 1; what there is to
// know is in the labels.
var (
	aboutTask = value("task", "info", "1; the labels say what the task is made of. A version is empty when the plugin "+
		"has none.", nil, "connector_type", "connector_class", "connector_version", "task_class", "key_converter_class",
		"key_converter_version", "value_converter_class", "value_converter_version", "header_converter_class",
		"header_converter_version")
	aboutTransform = value("transform", "info", "1 for each transform; the labels say what it is.", nil,
		"transform", "transform_class", "transform_version")
	aboutPredicate = value("predicate", "info", "1 for each predicate that a transform has; the labels say what it is.",
		nil, "predicate", "predicate_class", "predicate_version")
)

// About sends what a task of the connector is made of, with the labels connector and
// task.
func About(p *plan.Connector, labels prometheus.Labels, ch chan<- prometheus.Metric) {
	one := func(s series, values ...string) {
		ch <- prometheus.MustNewConstMetric(prometheus.NewDesc(s.Name, s.Help, s.Labels, labels), prometheus.GaugeValue, 1,
			values...)
	}
	one(aboutTask, string(p.Type), p.Class, p.Version, p.TaskClass, p.Key.Class, p.Key.Version, p.Value.Class,
		p.Value.Version, p.Header.Class, p.Header.Version)
	told := map[string]bool{}
	for _, step := range p.Chain {
		one(aboutTransform, step.Alias, step.Class, step.Version)
		if step.Predicate != nil && !told[step.PredicateAlias] {
			told[step.PredicateAlias] = true
			one(aboutPredicate, step.PredicateAlias, step.PredicateClass, step.PredicateVersion)
		}
	}
}
