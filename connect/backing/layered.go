package backing

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"
)

var (
	_ OffsetStore        = (*Layered)(nil)
	_ TransactionalStore = (*Layered)(nil)
	_ TransactionalStore = (*Topic)(nil)
)

// TransactionalStore is an [OffsetStore] whose records another producer may write, in a
// transaction with those that the offsets are of.
type TransactionalStore interface {
	OffsetStore
	// Records makes the records that keep offsets.
	Records(connector string, entries []Entry) ([]*kgo.Record, error)
	// Applied is called when they are committed.
	Applied(connector string, entries []Entry) error
}

// Layered is the store of a connector with an offset topic of its own
// (offsets.storage.topic). What that topic does not have is read from the store of the
// worker, so that a connector goes on where it was before it had one; and what is kept
// is copied there, so that it goes on when it has none any more.
type Layered struct {
	own    *Topic
	worker OffsetStore
	copies *copies
}

// NewLayered returns the store of a connector. Own belongs to it, and the store of the
// worker does not. The logger takes warnings about copies that are not kept; nil
// discards them.
func NewLayered(own *Topic, worker OffsetStore, logger *slog.Logger) *Layered {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	return &Layered{own, worker, &copies{to: worker, logger: logger}}
}

// Refresh reads both.
func (s *Layered) Refresh(ctx context.Context) error {
	return errors.Join(s.own.Refresh(ctx), s.worker.Refresh(ctx))
}

// Get returns the offset of the connector's own topic, or else the worker's.
func (s *Layered) Get(connector string, partition map[string]any) (map[string]any, error) {
	offset, err := s.own.Get(connector, partition)
	if offset != nil || err != nil {
		return offset, err
	}
	return s.worker.Get(connector, partition)
}

// List returns the source partitions of both, sorted by their keys.
func (s *Layered) List(connector string) ([]Entry, error) {
	all := map[string]Entry{}
	for _, store := range []OffsetStore{s.worker, s.own} {
		entries, err := store.List(connector)
		if err != nil {
			return nil, err
		}
		if err := addByKey(all, connector, entries); err != nil {
			return nil, err
		}
	}
	var out []Entry
	for _, key := range slices.Sorted(maps.Keys(all)) {
		out = append(out, all[key])
	}
	return out, nil
}

// Put forgets in the worker's store first, as what is left there would be read. The rest
// is copied to it later; a copy that is not kept is logged.
func (s *Layered) Put(ctx context.Context, connector string, entries []Entry) error {
	kept, forgotten := split(entries)
	if len(forgotten) > 0 {
		if err := s.copies.wait(ctx); err != nil {
			return err
		}
		if err := s.worker.Put(ctx, connector, forgotten); err != nil {
			return err
		}
	}
	if err := s.own.Put(ctx, connector, entries); err != nil {
		return err
	}
	return s.copies.add(connector, kept)
}

func split(entries []Entry) (kept, forgotten []Entry) {
	for _, e := range entries {
		if e.Offset == nil {
			forgotten = append(forgotten, e)
		} else {
			kept = append(kept, e)
		}
	}
	return kept, forgotten
}

// Records makes the records for the connector's own topic.
func (s *Layered) Records(connector string, entries []Entry) ([]*kgo.Record, error) {
	return s.own.Records(connector, entries)
}

// Applied has what was committed copied to the worker's store, and does not wait for it.
func (s *Layered) Applied(connector string, entries []Entry) error {
	if err := s.own.Applied(connector, entries); err != nil {
		return err
	}
	return s.copies.add(connector, entries)
}

// Close waits a few seconds for copies that are under way, and closes the connector's own
// topic.
func (s *Layered) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), copyTimeout)
	defer cancel()
	_ = s.copies.wait(ctx) // a copy that is late is logged
	return s.own.Close()
}
