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
	plan *plan.Connector
	open func(context.Context, *plan.Connector) (s backing.OffsetStore, release func(), err error)
}

func (s *source) list(ctx context.Context) (out []api.ConnectorOffset, err error) {
	var entries []backing.Entry
	err = s.with(ctx, func(store backing.OffsetStore) error {
		entries, err = store.List(s.plan.Name)
		return err
	})
	if err != nil {
		return nil, herder.Errorf(err, "Failed to retrieve offsets for source connector %s: %v", s.plan.Name, err)
	}
	for _, e := range entries {
		out = append(out, api.ConnectorOffset{Partition: e.Partition, Offset: e.Offset})
	}
	return out, nil
}

// with calls f with the store, which has read what is kept: partitions that are there keep
// their keys.
func (s *source) with(ctx context.Context, f func(backing.OffsetStore) error) error {
	store, release, err := s.open(ctx, s.plan)
	if err != nil {
		return err
	}
	defer release()
	if err := store.Refresh(ctx); err != nil {
		return err
	}
	return f(store)
}

func (s *source) alter(ctx context.Context, changes []api.ConnectorOffset) (told bool, err error) {
	entries, err := s.parse(changes)
	if err != nil {
		return false, err
	}
	err = s.with(ctx, func(store backing.OffsetStore) error {
		told, err = s.put(ctx, store, entries)
		return err
	})
	return told, s.failed(err)
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
	err = s.with(ctx, func(store backing.OffsetStore) error {
		entries, err := store.List(s.plan.Name)
		if err != nil {
			return err
		}
		for i := range entries {
			entries[i].Offset = nil
		}
		told, err = s.put(ctx, store, entries)
		return err
	})
	return told, s.failed(err)
}

// put asks the connector and then keeps the entries.
func (s *source) put(ctx context.Context, store backing.OffsetStore, entries []backing.Entry) (told bool, err error) {
	if told, err = s.tell(ctx, entries); err != nil || len(entries) == 0 {
		return told, err
	}
	return told, store.Put(ctx, s.plan.Name, entries)
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

// failed is an error in Kafka Connect's words, unless it has its own.
func (s *source) failed(err error) error {
	var known *herder.Error
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case errors.Is(err, backing.ErrTooLarge):
		return herder.Errorf(herder.ErrInvalid, "%v", err)
	}
	return herder.Errorf(err, "Failed to modify offsets for source connector %s: %v", s.plan.Name, err)
}
