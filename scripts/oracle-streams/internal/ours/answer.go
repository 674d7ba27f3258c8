package ours

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"time"

	"github.com/suiro/suiro/scripts/oracle-streams/internal/cases"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/streamstest"
	"github.com/suiro/suiro/streams/topology"
)

// All answers the cases of in, a line each.
func All(in io.Reader, out io.Writer) error {
	enc := cases.Encoder(out)
	return cases.Read(in, func(c *cases.Case) error { return enc.Encode(One(c)) })
}

// One answers a case.
func One(c *cases.Case) cases.Answer {
	stage := "build"
	result, err := run(c, &stage)
	var absent missing
	switch {
	case errors.As(err, &absent):
		return cases.Answer{ID: c.ID, Missing: string(absent)}
	case err != nil:
		return cases.Answer{ID: c.ID, Error: &cases.Failure{Stage: stage, Message: err.Error()}}
	}
	return cases.Answer{ID: c.ID, OK: result}
}

func run(c *cases.Case, stage *string) (result *cases.Result, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	b := &build{b: streams.NewBuilder(), nodes: map[string]any{}, stores: map[string]content{},
		added: map[string]*streams.KeyValueStore[textual, textual]{}, tables: map[string]*streams.KTable[textual, textual]{}}
	b.keys = c.Keys()
	t, err := b.topology(c.Steps)
	if err != nil {
		return nil, err
	}
	props := map[string]string{"application.id": "app", "statestore.cache.max.bytes": "0"}
	maps.Copy(props, c.Config)
	d, err := streamstest.New(t, &streamstest.Options{Properties: props})
	if err != nil {
		return nil, err
	}
	*stage = "run"
	if err := playAll(d, c.Input); err != nil {
		return nil, err
	}
	contents, err := b.contents(d)
	if err != nil {
		return nil, err
	}
	return &cases.Result{Describe: t.String(), Topics: topics(d, t), Stores: contents, Dropped: d.Dropped(),
		Seen: b.seen}, nil
}

func playAll(d *streamstest.Driver, input []cases.Event) error {
	for i := range input {
		if err := play(d, &input[i]); err != nil {
			return err
		}
	}
	return d.Commit()
}

func play(d *streamstest.Driver, e *cases.Event) error {
	switch {
	case e.Commit:
		return d.Commit()
	case e.Advance > 0:
		d.Advance(millis(e.Advance))
		return nil
	}
	r := streamstest.Record{Key: bytes(e.Key), Value: bytes(e.Value), Timestamp: time.UnixMilli(e.TS)}
	for _, h := range e.Headers {
		r.Headers = append(r.Headers, streams.Header{Key: h[0], Value: []byte(h[1])})
	}
	return d.Send(e.Topic, r)
}

// topics returns what was written, by the names that topics have in Kafka.
func topics(d *streamstest.Driver, t *topology.Topology) map[string][]cases.Record {
	out := map[string][]cases.Record{}
	read := func(name, topic string) {
		if _, done := out[name]; done {
			return
		}
		if records := d.Read(topic); len(records) > 0 {
			out[name] = shownAll(records)
		}
	}
	for _, sub := range t.Subtopologies() {
		for _, s := range sub.Sinks {
			switch {
			case s.Internal:
				read("app-"+s.Topic, s.Topic)
			case s.Topic == "":
				for _, topic := range chosen {
					read(topic, topic)
				}
			default:
				read(s.Topic, s.Topic)
			}
		}
	}
	return out
}

func shownAll(records []streamstest.Record) []cases.Record {
	var out []cases.Record
	for _, r := range records {
		c := cases.Record{Key: cases.Shown(r.Key), Value: cases.Shown(r.Value), Timestamp: r.Timestamp.UnixMilli()}
		for _, h := range r.Headers {
			c.Headers = append(c.Headers, []*string{&h.Key, cases.Shown(h.Value)})
		}
		out = append(out, c)
	}
	return out
}
