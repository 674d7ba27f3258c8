// Package rates finds in the metrics of workers what their tasks do now: records and
// bytes a second, and how far sinks are behind.
//
// The metrics have the names of Kafka Connect's, with underscores, as Suiro's workers
// have them and as an exporter makes them of a Java worker's.
package rates

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/suiro/suiro/connect/herder/api"
)

// Counts are what a task, or all tasks of a connector, have counted.
type Counts struct {
	// Records and Bytes are what went to Kafka from a source, or to a sink.
	Records, Bytes float64
	// Lag is the number of records behind the end of its partitions; sinks only.
	Lag float64
	// HasLag is whether there is a lag to know.
	HasLag bool
}

// Add adds what another task has counted.
func (c *Counts) Add(o Counts) {
	c.Records += o.Records
	c.Bytes += o.Bytes
	c.Lag += o.Lag
	c.HasLag = c.HasLag || o.HasLag
}

// The prefixes of the metrics of tasks.
const (
	source = "kafka_connect_source_task_metrics_source_record_"
	sink   = "kafka_connect_sink_task_metrics_sink_record_"
)

// fields say what each metric is. Of the records of a sink those that it was sent count,
// not those that were read, as transforms may drop some.
var fields = map[string]func(*Counts, float64){
	source + "write_total":       func(c *Counts, v float64) { c.Records += v },
	source + "write_bytes_total": func(c *Counts, v float64) { c.Bytes += v },
	sink + "send_total":          func(c *Counts, v float64) { c.Records += v },
	sink + "read_bytes_total":    func(c *Counts, v float64) { c.Bytes += v },
	sink + "lag":                 func(c *Counts, v float64) { c.Lag, c.HasLag = c.Lag+v, true },
	sink + "lag_max":             func(c *Counts, v float64) { c.Lag, c.HasLag = max(c.Lag, v), true }, // of a Java worker
}

// Parse reads the metrics of a worker in the text format of Prometheus.
func Parse(text []byte) (map[api.TaskID]Counts, error) {
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("read the metrics: %w", err)
	}
	out := map[api.TaskID]Counts{}
	for name, add := range fields {
		for _, m := range families[name].GetMetric() {
			id, ok := taskOf(m)
			if !ok {
				continue
			}
			counts := out[id]
			add(&counts, valueOf(m))
			out[id] = counts
		}
	}
	return out, nil
}

// taskOf is the task that a metric is about.
func taskOf(m *dto.Metric) (id api.TaskID, ok bool) {
	for _, l := range m.GetLabel() {
		switch l.GetName() {
		case "connector":
			id.Connector = strings.Trim(l.GetValue(), `"`) // which exporters of JMX leave there
		case "task":
			n, err := strconv.Atoi(l.GetValue())
			id.Task, ok = n, err == nil
		}
	}
	return id, ok && id.Connector != ""
}

func valueOf(m *dto.Metric) float64 {
	switch {
	case m.GetCounter() != nil:
		return m.GetCounter().GetValue()
	case m.GetGauge() != nil:
		return m.GetGauge().GetValue()
	}
	return m.GetUntyped().GetValue()
}

// Rate is what a task does in a second.
type Rate struct {
	// Records and Bytes are per second.
	Records, Bytes float64
}

// Between is what happened between two samples. A counter that went down has begun
// again, in another life of the task.
func Between(before, now Counts, passed time.Duration) Rate {
	grown := func(before, now float64) float64 {
		if now < before {
			before = 0
		}
		return (now - before) / passed.Seconds()
	}
	return Rate{grown(before.Records, now.Records), grown(before.Bytes, now.Bytes)}
}
