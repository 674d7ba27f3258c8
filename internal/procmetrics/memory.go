package procmetrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/suiro/suiro/internal/memory"
)

// Series is a metric without labels.
type Series struct {
	// Name and Help are Prometheus'; Type is gauge or counter.
	Name, Help, Type string

	value func(memory.Usage) int64
}

// MemorySeries lists the metrics of a [Memory].
func MemorySeries() []Series {
	return []Series{
		{"suiro_memory_batches_bytes", "Bytes of memory that batches of Kafka take after decompression, of all " +
			"clients of the process: of records in use, and garbage that was not collected yet.", "gauge",
			func(u memory.Usage) int64 { return u.Held }},
		{"suiro_memory_batches_limit_bytes", "Bytes of memory that such batches may take: a part of memory.max.bytes.",
			"gauge",
			func(u memory.Usage) int64 { return u.Room }},
		{"suiro_memory_batches_refetched_total", "Batches that found no memory in time and are fetched again. While " +
			"it grows and no records are read, something still holds what was read before.", "counter",
			func(u memory.Usage) int64 { return u.InVain }},
	}
}

// Memory shows what is taken of a budget. The registry calls it at each scrape, from any
// goroutine.
type Memory struct {
	// Budget is that of the process.
	Budget *memory.Budget
}

var _ prometheus.Collector = Memory{}

func (s Series) desc() *prometheus.Desc { return prometheus.NewDesc(s.Name, s.Help, nil, nil) }

// Describe implements [prometheus.Collector].
func (m Memory) Describe(ch chan<- *prometheus.Desc) {
	for _, s := range MemorySeries() {
		ch <- s.desc()
	}
}

// Collect implements [prometheus.Collector].
func (m Memory) Collect(ch chan<- prometheus.Metric) {
	usage := m.Budget.Usage(memory.Batches)
	for _, s := range MemorySeries() {
		t := prometheus.GaugeValue
		if s.Type == "counter" {
			t = prometheus.CounterValue
		}
		ch <- prometheus.MustNewConstMetric(s.desc(), t, float64(s.value(usage)))
	}
}
