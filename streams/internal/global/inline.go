package global

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/stores/kinds"
)

// Inline are global stores that are given their records by the caller, for the driver of
// topology tests. They begin with what the DB has, and belong to one goroutine.
type Inline struct {
	topics map[string]*generation
	names  map[string]*kinds.KeyValueReader
}

// NewInline returns the stores. o has Stores, DB, ApplicationID, Metrics and Logger, and what
// of the rest has a default; produce writes dead letters and calls its promise before it
// returns.
func NewInline(o Options, produce func(ctx context.Context, r *kgo.Record, promise func(*kgo.Record, error))) (
	*Inline, error) {
	s := &Inline{topics: map[string]*generation{}, names: map[string]*kinds.KeyValueReader{}}
	for _, store := range o.Stores {
		v, err := openView(o.DB, store.Store().Name)
		if err != nil {
			return nil, err
		}
		g, err := load(o.DB, store, v.current())
		if err != nil {
			return nil, err
		}
		with := o.task()
		with.Produce = produce
		if err := g.open(with); err != nil {
			return nil, err
		}
		s.topics[store.Topic()], s.names[store.Store().Name] = g, reader(v, store.Store())
	}
	return s, nil
}

// Reads reports whether a store is made of a topic.
func (s *Inline) Reads(topic string) bool { return s.topics[topic] != nil }

// Process takes a record of a topic that a store is made of. Readers see it then.
func (s *Inline) Process(r *kgo.Record) error {
	t := s.topics[r.Topic].task
	if err := t.ProcessInline([]*kgo.Record{r}); err != nil {
		return err
	}
	return t.Committed()
}

// Reader is [Stores.Reader].
func (s *Inline) Reader(store string) *kinds.KeyValueReader { return s.names[store] }

// Close ends the stores' tasks.
func (s *Inline) Close() {
	for _, g := range s.topics {
		g.task.Close()
	}
}
