package task

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/lovoo/goka"
	"github.com/lovoo/goka/storage"

	"github.com/suiro/suiro/stores"
)

// restoreBytes is how much a recovery collects before it writes to the DB.
const restoreBytes = 4 << 20

// The task's own keys, in the store without a name. The offset is kept with the
// data and never written to the changelog; the stream time is state.
var (
	offsetKey     = stores.Key(nil, "", []byte("offset"))
	streamTimeKey = stores.Key(nil, "", []byte("stream-time"))
)

// restore is goka's update callback: it applies one changelog message.
func (t *Task) restore(_ goka.UpdateContext, s storage.Storage, key string, value []byte) error {
	switch {
	case key == "": // a transaction marker
		return nil
	case value == nil:
		return s.Delete(key)
	}
	return s.Set(key, value)
}

// changelogStorage is goka's storage: while goka replays the changelog it
// fills the DB in big batches, each with the offset it reaches.
type changelogStorage struct {
	task *Task
	// mu lets Close wait for MarkRecovered, which goka leaves running when it
	// is told to stop meanwhile: written after the task has stopped, its batch
	// would undo what a successor has written.
	mu        sync.Mutex
	offset    int64
	moved     bool
	recovered bool
}

var _ storage.Storage = (*changelogStorage)(nil)

// Open implements storage.Storage.
func (s *changelogStorage) Open() error { return nil }

// Close keeps what an interrupted recovery has read. After the recovery the overlay
// holds the writes of an epoch, which goka must not keep.
func (s *changelogStorage) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.recovered {
		return nil
	}
	return s.flush()
}

// Has implements storage.Storage.
func (s *changelogStorage) Has(key string) (bool, error) {
	v, err := s.Get(key)
	return v != nil, err
}

// Get implements storage.Storage.
func (s *changelogStorage) Get(key string) ([]byte, error) { return s.task.overlay.Get([]byte(key)) }

// Set implements storage.Storage.
func (s *changelogStorage) Set(key string, value []byte) error {
	s.task.overlay.Put([]byte(key), value)
	return nil
}

// Delete implements storage.Storage.
func (s *changelogStorage) Delete(key string) error {
	s.task.overlay.Delete([]byte(key))
	return nil
}

// GetOffset implements storage.Storage.
func (s *changelogStorage) GetOffset(none int64) (int64, error) {
	offset, ok, err := s.task.storedOffset()
	if err != nil || !ok {
		return none, err
	}
	return offset, nil
}

// SetOffset implements storage.Storage.
func (s *changelogStorage) SetOffset(offset int64) error {
	s.offset, s.moved = offset, true
	s.task.Metrics.Restored()
	s.task.restored.Add(1)
	s.task.remaining.Store(max(s.task.restoreTo.Load()-offset-1, 0))
	if s.task.overlay.Bytes() < restoreBytes {
		return nil
	}
	return s.flush()
}

// MarkRecovered implements storage.Storage.
func (s *changelogStorage) MarkRecovered() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recovered = true
	s.task.remaining.Store(0)
	return s.flush()
}

func (s *changelogStorage) flush() error {
	if !s.moved {
		return nil
	}
	s.moved = false
	return s.task.apply(s.offset)
}

// Iterator implements storage.Storage; goka's visitors and queries, its only
// callers, are not used.
func (s *changelogStorage) Iterator() (storage.Iterator, error) { return nil, errNoIterator }

// IteratorWithRange implements storage.Storage, see Iterator.
func (s *changelogStorage) IteratorWithRange([]byte, []byte) (storage.Iterator, error) {
	return nil, errNoIterator
}

var errNoIterator = errors.New("stores are iterated through the task, not through goka")

// apply writes the overlay and the changelog offset in one atomic batch.
func (t *Task) apply(offset int64) error {
	var b stores.Batch
	t.overlay.CommitTo(&b)
	b.Put(t.dbKey(offsetKey), binary.BigEndian.AppendUint64(nil, uint64(offset)))
	if err := t.DB.Apply(&b); err != nil {
		return fmt.Errorf("task %s: write state: %w", t.ID, err)
	}
	t.overlay.Clear()
	return nil
}

func (t *Task) dbKey(key []byte) []byte { return append(stores.TaskPrefix(t.ID.String()), key...) }

// storedOffset returns the changelog offset that the DB has reached.
func (t *Task) storedOffset() (offset int64, ok bool, err error) {
	v, err := t.DB.Get(t.dbKey(offsetKey))
	if err != nil || len(v) != 8 {
		return 0, false, err
	}
	return int64(binary.BigEndian.Uint64(v)), true, nil
}

// checkStore wipes a local state that cannot be continued from the changelog:
// one that is ahead of it, because the topic was created again, or that ends
// before its first record, because records in between are gone.
func (t *Task) checkStore(ctx context.Context) error {
	if t.DB == nil {
		return nil
	}
	offset, ok, err := t.storedOffset()
	if err != nil || !ok {
		return err
	}
	start, end, err := t.changelogEnds(ctx)
	if err != nil {
		return err
	}
	if offset < end && offset+1 >= start {
		return nil
	}
	t.Logger.Warn("rebuild local state, which does not fit the changelog",
		"changelog", t.Changelog, "local_offset", offset, "start", start, "end", end)
	prefix := stores.TaskPrefix(t.ID.String())
	var b stores.Batch
	b.DeleteRange(prefix, stores.PrefixEnd(prefix))
	return t.DB.Apply(&b)
}

// loadStreamTime reads the stream time of the last commit.
func (t *Task) loadStreamTime() error {
	if t.overlay == nil {
		return nil
	}
	v, err := t.overlay.Get(streamTimeKey)
	if err != nil {
		return fmt.Errorf("task %s: read stream time: %w", t.ID, err)
	}
	if len(v) == 8 {
		t.streamTime = max(t.believable(int64(binary.BigEndian.Uint64(v))), noStreamTime)
		t.node.now = t.streamTime
	}
	return nil
}
