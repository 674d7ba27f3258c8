package streamstest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/query"
	"github.com/suiro/suiro/streams/topology"
)

// Read returns the records of a topic that were committed since the last call,
// in the order in which they were written. Repartition topics go by the name
// they have in the topology. It panics when the topology does not write the
// topic: a test that reads it has its name wrong.
func (d *Driver) Read(topic string) []Record {
	name := d.names.Topic(topic)
	if !d.writes(name) {
		panic(fmt.Sprintf("streamstest: read %s: the topology does not write it", topic))
	}
	var out []Record
	for _, r := range d.broker.take(name) {
		out = append(out, fromKafka(r))
	}
	return out
}

func (d *Driver) writes(name string) bool {
	return slices.ContainsFunc(d.topology.Subtopologies(), func(sub topology.Subtopology) bool {
		return slices.ContainsFunc(sub.Sinks, func(s topology.Sink) bool {
			return s.Topic == "" || d.names.Topic(s.Topic) == name
		})
	})
}

// Changelog returns the whole committed changelog of a partition of a store.
func (d *Driver) Changelog(store string, partition int32) []Record {
	var out []Record
	for _, r := range d.broker.partition(d.names.Changelog(store), partition) {
		out = append(out, fromKafka(r))
	}
	return out
}

// Rejection is a record that was sent to the dead letters.
type Rejection struct {
	// Stage is where it failed: [topology.Deserialization], [topology.Processing]
	// or [topology.Production].
	Stage string
	// Reason is the error's text.
	Reason string
	// Topic is the topic of the record that failed.
	Topic string
	// Partition is its partition.
	Partition int32
	// Offset is its offset.
	Offset int64
	// Record is the dead letter itself.
	Record Record
}

// headerPrefix begins the headers of dead letters that describe the failure.
const headerPrefix = "__streams.errors."

// Rejected returns the records that were rejected since the last call, as far
// as they are committed. Without errors.dead.letter.queue.topic.name in
// [Options.Properties] there are none: the first one is the error of Send or Commit.
func (d *Driver) Rejected() []Rejection {
	if d.failures.DeadLetters == "" {
		return nil
	}
	var out []Rejection
	for _, r := range d.broker.take(d.failures.DeadLetters) {
		out = append(out, rejection(r))
	}
	return out
}

func rejection(k *kgo.Record) Rejection {
	r := Rejection{Record: fromKafka(k)}
	for _, h := range k.Headers {
		name, ours := strings.CutPrefix(h.Key, headerPrefix)
		if !ours {
			continue
		}
		value := string(h.Value)
		switch name {
		case "exception":
			r.Stage = value
		case "message":
			r.Reason = value
		case "topic":
			r.Topic = value
		case "partition":
			n, _ := strconv.ParseInt(value, 10, 32) // written by the task
			r.Partition = int32(n)
		case "offset":
			r.Offset, _ = strconv.ParseInt(value, 10, 64)
		}
	}
	return r
}

// Dropped returns how many records were left out on purpose, such as late
// ones, not counting those of aborted epochs.
func (d *Driver) Dropped() int { return d.drops() - d.undone }

// drops is the value of the tasks' own counter.
func (d *Driver) drops() int {
	families, err := d.registry.Gather()
	if err != nil {
		panic(err) // only our own metrics are in there
	}
	sum := 0.0
	for _, f := range families {
		if f.GetName() != "kafka_streams_task_dropped_records_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			sum += m.GetCounter().GetValue()
		}
	}
	return int(sum)
}

// Store returns the partitions of a store with what is committed, as
// [app.App.Store] does.
func (d *Driver) Store(name string) ([]app.Partition, error) {
	var out []app.Partition
	for _, id := range d.order {
		for _, s := range d.topology.Subtopologies()[id.Subtopology].Stores {
			if s.Name == name {
				out = append(out, query.New(d.db, s, id.Partition))
			}
		}
	}
	if r := d.globals.Reader(name); r != nil {
		for _, g := range d.topology.Globals() {
			if g.Store().Name == name {
				out = append(out, query.Whole(g.Store(), r))
			}
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("query store %q: the topology has no store of this name", name)
	}
	return out, nil
}
