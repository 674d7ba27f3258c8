package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/suiro/suiro/streams/topology"
)

// Flows counts the records that a task reads, or writes, by topic. It belongs to one
// goroutine, which reports what was counted at the end of each batch: so a record costs
// two additions, and nothing that other goroutines see.
type Flows struct {
	start func(topic string) *flow
	// others counts for topics that are not known, nil when each becomes known.
	others *flow
	known  []*flow
	last   *flow
}

// flow is what has gone through a topic since the last report.
type flow struct {
	topic                   string
	records, bytes          int64
	totalRecords, totalSize prometheus.Counter
}

// Flows returns what counts the records that a task of sub reads and writes, and makes the
// series of its topics. topic maps a topic of the topology to its Kafka name. deadLetters
// is the topic for dead letters, "" for none.
func (t *Task) Flows(sub *topology.Subtopology, topic func(string) string, deadLetters string) (read, written *Flows) {
	read = newFlows(t.all.recordsConsumed, t.all.bytesConsumed)
	for _, s := range sub.Sources {
		for _, name := range s.Reads() {
			read.know(topic(name))
		}
	}
	written = newFlows(t.all.recordsProduced, t.all.bytesProduced)
	for _, s := range sub.Sinks {
		switch {
		case s.Topic != "":
			written.know(topic(s.Topic))
		case written.others == nil:
			written.others = written.start(Chosen)
		}
	}
	if deadLetters != "" {
		written.know(deadLetters)
	}
	return read, written
}

func newFlows(records, bytes *prometheus.CounterVec) *Flows {
	return &Flows{start: func(topic string) *flow {
		return &flow{topic: topic, totalRecords: records.WithLabelValues(topic), totalSize: bytes.WithLabelValues(topic)}
	}}
}

func (f *Flows) know(topic string) *flow {
	at := f.start(topic)
	f.known = append(f.known, at)
	return at
}

// Add counts a record.
func (f *Flows) Add(topic string, bytes int) {
	at := f.last
	if at == nil || at.topic != topic {
		at = f.find(topic)
		f.last = at
	}
	at.records++
	at.bytes += int64(bytes)
}

func (f *Flows) find(topic string) *flow {
	for _, at := range f.known {
		if at.topic == topic {
			return at
		}
	}
	if f.others != nil {
		return f.others
	}
	return f.know(topic)
}

// Report passes on what was counted.
func (f *Flows) Report() {
	for _, at := range f.known {
		at.report()
	}
	if f.others != nil {
		f.others.report()
	}
}

func (f *flow) report() {
	if f.records > 0 {
		f.totalRecords.Add(float64(f.records))
		f.totalSize.Add(float64(f.bytes))
		f.records, f.bytes = 0, 0
	}
}
