// Package inmemory keeps some stores of a process in memory, and says when they outgrow what
// is expected of them.
package inmemory

import (
	"errors"
	"log/slog"
	"sync/atomic"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/split"
	"github.com/suiro/suiro/streams/internal/restore"
	"github.com/suiro/suiro/streams/topology"
)

// Key is the configuration key of what the stores may take before a warning.
const Key = "statestore.in.memory.bytes"

// Stores watches the stores of the process that are kept in memory. The zero Stores has none.
type Stores struct {
	limit int64
	log   *slog.Logger
	db    atomic.Pointer[split.DB]
	told  int64 // how many bytes the last warning was about
}

// Watch sets how many bytes the stores are expected to take, and where a warning goes.
func (m *Stores) Watch(limit int64, log *slog.Logger) { m.limit, m.log = limit, log }

// Over returns a DB that keeps those stores in memory, and the others in db.
func (m *Stores) Over(db stores.DB, all []topology.Store) (stores.DB, error) {
	var names []string
	for _, s := range all {
		if s.Place == topology.InMemory {
			names = append(names, s.Name)
		}
	}
	if len(names) == 0 {
		return db, nil
	}
	if err := restore.DropAll(db, names); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s := split.Open(db, restore.Owned(names))
	m.db.Store(s)
	return s, nil
}

// Bytes is about what the stores take. Any goroutine may call it.
func (m *Stores) Bytes() int64 {
	if db := m.db.Load(); db != nil {
		return db.Memory()
	}
	return 0
}

// Check warns when the stores take more than they are expected to, and again whenever they
// have doubled since. One goroutine calls it every so often.
func (m *Stores) Check() {
	n := m.Bytes()
	if n <= m.limit {
		m.told = 0
		return
	}
	if n < 2*m.told {
		return
	}
	m.told = n
	m.log.Warn("stores in memory take more than they are expected to, and grow on: keep them on the disk, add instances, "+
		"or raise memory.max.bytes and "+Key, "bytes", n, "expected_bytes", m.limit)
}
