package counts

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect/plan"
)

// groups are the beginnings of names, by the tag of a number.
var groups = map[string]string{
	string(plan.Source): "kafka_connect_source_task_metrics_",
	string(plan.Sink):   "kafka_connect_sink_task_metrics_",
	"task":              "kafka_connect_connector_task_metrics_",
	"errors":            "kafka_connect_task_error_metrics_",
	"transform":         "kafka_connect_connector_transform_metrics_",
	"predicate":         "kafka_connect_connector_predicate_metrics_",
}

// Metric is a metric as its page describes it.
type Metric struct {
	// Name and Help are as Prometheus shows them.
	Name, Help string
	// Type is counter, gauge or histogram.
	Type string
	// Labels are the names of its labels.
	Labels []string
}

// Metrics are the metrics of a task of a connector of the type.
func Metrics(of plan.Type) []Metric {
	var out []Metric
	for _, s := range append(seriesOf(of), aboutTask, aboutTransform, aboutPredicate) {
		s.Labels = append([]string{"connector", "task"}, s.Labels...)
		out = append(out, s.Metric)
	}
	return out
}

// Collect sends the counts of a task of a connector of the type, with the labels
// connector and task. Error series are there from the start.
func (c *Counters) Collect(of plan.Type, labels prometheus.Labels, ch chan<- prometheus.Metric) {
	for _, s := range seriesOf(of) {
		desc := prometheus.NewDesc(s.Name, s.Help, s.Labels, labels)
		if s.histogram != nil {
			ch <- s.histogram(c).metric(desc)
			continue
		}
		kind := prometheus.GaugeValue
		if s.Type == "counter" {
			kind = prometheus.CounterValue
		}
		s.values(c, func(value float64, labels ...string) {
			ch <- prometheus.MustNewConstMetric(desc, kind, value, labels...)
		})
	}
}

// send takes one value, with the values of the labels of its series.
type send = func(value float64, labels ...string)

// series is a metric and where its values come from.
type series struct {
	Metric
	values    func(*Counters, send)
	histogram func(*Counters) measured // instead of values
}

func seriesOf(of plan.Type) []series {
	out := append(numberSeries(of), errorSeries(of)...)
	out = append(out, taskSeries()...)
	if of == plan.Source {
		return append(out, sourceSeries()...)
	}
	return append(out, sinkSeries()...)
}

func taskSeries() []series {
	return []series{
		value("task", "last_commit_timestamp_seconds", "When offsets were last committed, in seconds since 1970; 0 before "+
			"the first time.", func(c *Counters, out send) { out(float64(c.last.Load()) / 1000) }),
		value("task", "running_ratio", "Part of the time since the task was started in this worker in which it was "+
			"running.", func(c *Counters, out send) { out(c.Times.share(&c.Times.running)) }),
		value("task", "pause_ratio", "Part of the time since the task was started in this worker in which it was "+
			"paused.", func(c *Counters, out send) { out(c.Times.share(&c.Times.paused)) }),
		value("task", "converter_seconds_total", "How long the converter of keys, values or headers took. Of large batches "+
			"some calls are measured and stand for the others. What a sink's records hold is decoded when a transform or the "+
			"task looks at it, so this may be part of the time of those.",
			func(c *Counters, out send) {
				c.Converters.each(func(n string, d time.Duration) { out(d.Seconds(), n) })
			},
			"converter"),
		value("transform", "transform_seconds_total", "How long a transform took, its predicate included. Of large batches "+
			"some calls are measured and stand for the others.",
			func(c *Counters, out send) {
				c.Transforms.each(func(n string, d time.Duration) { out(d.Seconds(), n) })
			},
			"transform"),
		timing("task", "convert_batch_seconds", "How long transforms and converters take for a batch of records, retries "+
			"included. A source's records are then with the producer, which waits when its buffer is full; a sink's keys and "+
			"values are decoded when someone looks at them, which may be later.",
			func(c *Counters) measured { return &c.Convert }),
		timing("task", "offset_commit_seconds", "How long a commit of offsets takes that succeeds.",
			func(c *Counters) measured { return &c.Committing }),
		timing("task", "batch_size", "Records in a batch: what a poll of a source returns, or one of Kafka for a sink.",
			func(c *Counters) measured { return &c.Batches }),
	}
}

func sourceSeries() []series {
	group := string(plan.Source)
	return []series{
		value(group, "source_record_write_total", "Records that Kafka acknowledged.", (*Counters).byTopic, "topic"),
		value(group, "end_of_input", "1 when a source that ends was read to its end and its offsets are kept, 0 before.",
			(*Counters).atEnd),
		timing(group, "poll_batch_seconds", "How long a poll of the task takes that returns records.",
			func(c *Counters) measured { return &c.Poll }),
		timing(group, "source_record_write_seconds", "How long it takes from handing a record to the producer to Kafka's "+
			"acknowledgement; of each poll one record is measured.", func(c *Counters) measured { return &c.Writing }),
		timing(group, "source_record_age_seconds", "How old records are when the task returns them, by their timestamps. Of "+
			"each poll the first is measured, and none that has no timestamp.", func(c *Counters) measured { return &c.Age }),
		timing(group, "source_record_e2e_latency_seconds", "Time from the timestamp of a record, or from the poll that "+
			"returned it when it has none, to Kafka's acknowledgement; of each poll one record is measured.",
			func(c *Counters) measured { return &c.Latency }),
		timing(group, "transaction_size", "Records in a transaction that was committed.",
			func(c *Counters) measured { return &c.Transactions }),
	}
}

func sinkSeries() []series {
	group := string(plan.Sink)
	return []series{
		value(group, "sink_record_read_total", "Records read from Kafka.", (*Counters).byTopic, "topic"),
		value(group, "sink_record_lag", "Offsets from what is committed to the end of the partition. It grows while an "+
			"outside system is away.", func(c *Counters, out send) {
			for _, l := range c.Lags.Now() {
				out(float64(l.Committed), l.Topic, strconv.Itoa(int(l.Partition)))
			}
		}, "topic", "partition"),
		value(group, "sink_record_position_lag", "Offsets from what the task was given to the end of the partition.",
			func(c *Counters, out send) {
				for _, l := range c.Lags.Now() {
					out(float64(l.Position), l.Topic, strconv.Itoa(int(l.Partition)))
				}
			}, "topic", "partition"),
		value(group, "paused_seconds_total", "How long the task had partitions paused, because it holds as much as it may.",
			func(c *Counters, out send) { out(c.Paused.Total().Seconds()) }),
		timing(group, "poll_batch_seconds", "How long the task waits for a batch of records from Kafka.",
			func(c *Counters) measured { return &c.Poll }),
		timing(group, "put_batch_seconds", "How long the task takes to put a batch of records; each retry is measured "+
			"alone.", func(c *Counters) measured { return &c.Put }),
		timing(group, "sink_record_age_seconds", "How old records are when they are read from Kafka, by their timestamps; "+
			"of each batch of a partition the first is measured.", func(c *Counters) measured { return &c.Age }),
		timing(group, "sink_record_e2e_latency_seconds", "Time from the timestamp of a record to the commit of its offset, "+
			"which comes up to offset.flush.interval.ms after the record is safe; of each batch of a partition the first is "+
			"measured, which has waited for the longest, and fewer when there are many batches between two commits.",
			func(c *Counters) measured { return &c.Latency }),
	}
}

func errorSeries(of plan.Type) []series {
	return []series{
		value("errors", "record_failures_total", "Records that failed, by the stage in which they did. With "+
			"errors.tolerance=all they are skipped, and otherwise fail the task.", func(c *Counters, out send) {
			for i, name := range Stages {
				if !slices.Contains(notIn[of], name) {
					out(float64(c.Failures.stages[i].Load()), name)
				}
			}
		}, "stage"),
		value("errors", "last_error_timestamp_seconds", "When a record last failed, in seconds since 1970; 0 before the "+
			"first time.", func(c *Counters, out send) { out(float64(c.Failures.last.Load()) / 1000) }),
	}
}

// numberSeries are those of the fields of [Numbers], by their tags.
func numberSeries(of plan.Type) (out []series) {
	declared := reflect.TypeFor[Numbers[int64]]()
	for i := range declared.NumField() {
		tags := declared.Field(i).Tag
		for _, group := range []string{string(of), "task", "errors"} {
			if name, shown := tags.Lookup(group); shown {
				out = append(out, value(group, name, tags.Get("help"), func(c *Counters, out send) {
					out(float64(fields(&c.Numbers)[i].Load()))
				}))
			}
		}
	}
	return out
}

// value is a counter when its name ends in _total, and else a gauge.
func value(group, name, help string, values func(*Counters, send), labels ...string) series {
	kind := "gauge"
	if strings.HasSuffix(name, "_total") {
		kind = "counter"
	}
	return series{Metric: Metric{Name: groups[group] + name, Help: help, Type: kind, Labels: labels}, values: values}
}

func timing(group, name, help string, of func(*Counters) measured) series {
	return series{Metric: Metric{Name: groups[group] + name, Help: help, Type: "histogram"}, histogram: of}
}

func (c *Counters) atEnd(out send) {
	if c.EndOfInput.Load() {
		out(1)
		return
	}
	out(0)
}

func (c *Counters) byTopic(out send) {
	c.Topics.each(func(name string, records int64) { out(float64(records), name) })
}
