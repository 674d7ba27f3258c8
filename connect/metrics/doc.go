// Package metrics shows to Prometheus what a Connect worker does:
//
//	mux.Handle("/metrics", metrics.Handler(h, nil))
//	mux.Handle("/", rest.New(h, nil))
//
// # What is there
//
// [List] has every metric of the worker, package worker those of every task, and
// package group those of a worker in a group. Their names are those of Kafka Connect's
// JMX metrics with underscores, in base units; where Kafka Connect has an average or a
// maximum there is a histogram. Every metric of a task has the
// labels connector and task. Error series are there from the start, at 0.
//
// Besides, there are what a plugin's tasks register themselves, see
// [github.com/suiro/suiro/connect.SinkContext], and what Prometheus' library knows
// of every Go program: go_ and process_.
//
// A plugin whose metrics contradict those of others, or panic, costs its own
// metrics and none besides; promhttp_metric_handler_errors_total counts such
// scrapes.
package metrics
