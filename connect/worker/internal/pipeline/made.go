package pipeline

import (
	"fmt"

	"github.com/suiro/suiro/connect"
	"github.com/twmb/franz-go/pkg/kgo"
)

// maxMade is how many bytes the keys and values may have of all the records that are made
// of one. They are in memory together, as all are written or none.
const maxMade = 64 << 20

// made are the records of Kafka that a source record has become so far.
type made struct {
	records []*kgo.Record
	bytes   int
	by      string // class of the transform that made several of one
}

// add takes a record through the transforms of p from step i on, and converts what comes
// out.
func (m *made) add(p *Pipeline, r *connect.Record, i int) error {
	r, i, err := p.transform(r, i)
	if r == nil || err != nil {
		return err
	}
	if i == len(p.chain) {
		return m.convert(p, r)
	}
	parts, err := split(&p.chain[i], r)
	if err != nil {
		return err
	}
	m.by = p.chain[i].Class
	if p.trace != nil && len(parts) == 0 {
		p.trace.Transformed(p.chain[i].Alias, r, nil)
	}
	for _, part := range parts {
		if p.trace != nil {
			p.trace.Transformed(p.chain[i].Alias, r, part)
		}
		if err := m.add(p, part, i+1); err != nil {
			return err
		}
	}
	return nil
}

// split is apply for a step that makes several records.
func split(step *step, r *connect.Record) (parts []*connect.Record, err error) {
	defer recovered(Transformation, step.Class, &err)
	defer step.meter.Begin().End()
	applies, err := step.Applies(r)
	if err == nil && applies {
		parts, err = step.splitter.Split(r)
		return parts, MarkStage(Transformation, step.Class, err)
	}
	return []*connect.Record{r}, MarkStage(Transformation, step.Class, err)
}

// convert adds the record of Kafka that a record becomes.
func (m *made) convert(p *Pipeline, r *connect.Record) error {
	key, err := payloadIn(p.key, r.Topic, &r.Key)
	if err != nil {
		return err
	}
	value, err := payloadIn(p.value, r.Topic, &r.Value)
	if err != nil {
		return err
	}
	headers, err := p.headers.fromConnect(r.Topic, r.Headers)
	if err != nil {
		return err
	}
	partition, _ := r.Partition.Number() // -1 lets the partitioner choose
	out := p.kafkas.next(nil)            // delivery empties those that have arrived, so that a block keeps little
	out.Topic, out.Partition, out.Key, out.Value = r.Topic, partition, key, value
	out.Headers, out.Timestamp = headers, r.Timestamp
	if p.trace != nil {
		p.trace.Converted(out)
	}
	return m.keep(out)
}

// keep refuses a record that becomes too much.
func (m *made) keep(r *kgo.Record) error {
	m.records = append(m.records, r)
	m.bytes += len(r.Key) + len(r.Value)
	if n := len(m.records); n > 1 && m.bytes > maxMade {
		return MarkStage(Transformation, m.by, fmt.Errorf("what it is split into has more than %d MiB after %d records: "+
			"leave out what they all repeat", maxMade>>20, n))
	}
	return nil
}
