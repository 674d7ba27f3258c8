package generator

import (
	"context"
	"fmt"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connectors/generator/internal/recipe"
)

const (
	batchRecords = 500     // the most that a poll returns
	batchBytes   = 4 << 20 // about the most that their values may take
)

var _ connect.SourceTask = (*SourceTask)(nil)

// SourceTask makes the records of some sequences.
type SourceTask struct {
	settings
	recipe    *recipe.Recipe
	key       *data.Field // nil when keys are null
	sequences []*sequence
	pace      *pace
	batch     int
}

// sequence is one of those into which the numbers are divided.
type sequence struct {
	partition map[string]any
	next      int64
}

// Start finds the number to continue from in each sequence.
func (t *SourceTask) Start(ctx context.Context, tc connect.SourceContext, v config.Values) error {
	t.settings = newSettings(v)
	r, errs := t.settings.recipe()
	if len(errs) > 0 {
		return errs // the file of the schema is another than when it was checked, or not on this worker
	}
	t.recipe = r
	t.batch = max(1, min(batchRecords, batchBytes/max(1, r.Most())))
	if name := t.keyField(); name != "" {
		t.key = r.Schema().Field(name)
	}
	numbers, err := sequencesOf(t.Sequences)
	if err != nil {
		return err
	}
	for _, n := range numbers {
		s := &sequence{partition: map[string]any{sequenceKey: n}, next: n}
		kept, err := tc.Offset(ctx, s.partition)
		if err != nil {
			return err
		}
		if kept != nil {
			if s.next, err = numberAfter(n, kept); err != nil {
				return fmt.Errorf("kept offset of sequence %d: %w: stop the connector and delete its offsets", n, err)
			}
		}
		t.sequences = append(t.sequences, s)
	}
	t.pace = newPace(t.settings, len(numbers))
	return nil
}

// Poll waits until records are due and makes them.
func (t *SourceTask) Poll(ctx context.Context) ([]*connect.SourceRecord, error) {
	if t.first() == nil {
		return nil, connect.ErrEndOfInput
	}
	var records []*connect.SourceRecord
	for range t.pace.wait(ctx, t.batch) {
		s := t.first()
		if s == nil {
			break
		}
		r, err := t.record(s)
		if err != nil {
			return records, fmt.Errorf("make record %d: %w", s.next, err)
		}
		s.next += sequences
		records = append(records, r)
	}
	return records, nil
}

// first returns the sequence with the lowest next number, nil when all have ended.
func (t *SourceTask) first() (first *sequence) {
	for _, s := range t.sequences {
		if (t.Iterations < 1 || s.next < t.Iterations) && (first == nil || s.next < first.next) {
			first = s
		}
	}
	return first
}

// keySchema is that of a key that is always null.
var keySchema = &data.Schema{Kind: data.String, Optional: true}

// record makes the next record of a sequence.
func (t *SourceTask) record(s *sequence) (*connect.SourceRecord, error) {
	value, err := t.recipe.Record(t.Seed, s.next)
	if err != nil {
		return nil, err
	}
	key := connect.Decoded(keySchema, nil)
	if t.key != nil {
		key = connect.Decoded(t.key.Schema, value[t.key.Name])
	}
	return &connect.SourceRecord{
		Record:          connect.Record{Topic: t.Topic, Key: key, Value: connect.Decoded(t.recipe.Schema(), value)},
		SourcePartition: s.partition,
		SourceOffset:    map[string]any{numberKey: s.next},
	}, nil
}

// Committed has nothing to do.
func (*SourceTask) Committed(_, _ map[string]any) {}

// Stop has nothing to free.
func (*SourceTask) Stop() error { return nil }
