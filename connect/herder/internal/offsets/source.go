package offsets

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/backing"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/plan"
)

var _ keeper = (*source)(nil)

// source has the source offsets of a connector.
type source struct {
	plan  *plan.Connector
	store backing.OffsetStore
}

func (s *source) list(ctx context.Context) (out []api.ConnectorOffset, err error) {
	entries, err := s.entries(ctx)
	if err != nil {
		return nil, herder.Errorf(err, "Failed to retrieve offsets for source connector %s: %v", s.plan.Name, err)
	}
	for _, e := range entries {
		out = append(out, api.ConnectorOffset{Partition: e.Partition, Offset: e.Offset})
	}
	return out, nil
}

func (s *source) entries(ctx context.Context) ([]backing.Entry, error) {
	if err := s.store.Refresh(ctx); err != nil {
		return nil, err
	}
	return s.store.List(s.plan.Name)
}

func (s *source) alter(ctx context.Context, changes []api.ConnectorOffset) (told bool, err error) {
	entries, err := s.parse(changes)
	if err != nil {
		return false, err
	}
	if err := s.store.Refresh(ctx); err != nil { // partitions that are there keep their keys
		return false, s.failed(err)
	}
	return s.put(ctx, entries)
}

// parse returns the changes with values as tasks see them, once for each partition.
func (s *source) parse(changes []api.ConnectorOffset) (entries []backing.Entry, err error) {
	at := map[string]int{}
	for _, c := range changes {
		if c.Partition == nil {
			return nil, herder.Errorf(herder.ErrInvalid,
				"The partition for a source connector offset cannot be null or missing")
		}
		var e backing.Entry
		if e.Partition, err = normal(c.Partition); err != nil {
			return nil, err
		}
		if e.Offset, err = normal(c.Offset); err != nil {
			return nil, err
		}
		key, err := backing.Key(s.plan.Name, e.Partition)
		if err != nil {
			return nil, s.failed(err)
		}
		if i, ok := at[string(key)]; ok {
			entries[i] = e
			continue
		}
		at[string(key)] = len(entries)
		entries = append(entries, e)
	}
	return entries, nil
}

// normal is a map as it comes back from the store.
func normal(m api.Position) (map[string]any, error) {
	if m == nil {
		return nil, nil
	}
	text, err := json.Marshal(m)
	if err != nil {
		return nil, herder.Errorf(herder.ErrInvalid, "offsets cannot be written as JSON: %v", err)
	}
	out, err := backing.DecodeMap(text)
	if err != nil {
		return nil, herder.Errorf(herder.ErrInvalid, "offsets cannot be kept: %v", err)
	}
	return out, nil
}

func (s *source) reset(ctx context.Context) (told bool, err error) {
	entries, err := s.entries(ctx)
	if err != nil {
		return false, s.failed(err)
	}
	for i := range entries {
		entries[i].Offset = nil
	}
	return s.put(ctx, entries)
}

// put asks the connector and then keeps the entries.
func (s *source) put(ctx context.Context, entries []backing.Entry) (told bool, err error) {
	if told, err = s.tell(ctx, entries); err != nil || len(entries) == 0 {
		return told, err
	}
	if err := s.store.Put(ctx, s.plan.Name, entries); err != nil {
		return told, s.failed(err)
	}
	return told, nil
}

// tell asks the connector, if it wants to know, whether it takes the entries.
func (s *source) tell(ctx context.Context, entries []backing.Entry) (told bool, err error) {
	a, ok := s.plan.NewSource().(connect.SourceOffsetAlterer)
	if !ok {
		return false, nil
	}
	var offsets []connect.SourceOffset
	for _, e := range entries {
		offsets = append(offsets, connect.SourceOffset{Partition: e.Partition, Offset: e.Offset})
	}
	return true, refused(s.plan, a.AlterOffsets(ctx, s.plan.Values, offsets))
}

func (s *source) failed(err error) error {
	if errors.Is(err, backing.ErrTooLarge) {
		return herder.Errorf(herder.ErrInvalid, "%v", err)
	}
	return herder.Errorf(err, "Failed to modify offsets for source connector %s: %v", s.plan.Name, err)
}
