// Package cleanup deletes the state of tasks that have gone away, and knows for how long a
// task that comes back was away. Both are in the DB, beside the state itself, so that they
// are true of a copy of the folder, too.
package cleanup

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/streams/internal/restore"
	"github.com/suiro/suiro/streams/topology"
)

// Options are what a Cleaner works on.
type Options struct {
	// DB holds the state of all tasks.
	DB stores.DB
	// Subtopologies are those of the app, and Partitions is how many tasks one has.
	Subtopologies []topology.Subtopology
	Partitions    func(subtopology int) int32
	// Delay is how long state is kept once its task has gone away, and the app has started.
	Delay time.Duration
	// Logger gets what is deleted.
	Logger *slog.Logger
}

// Cleaner knows which tasks are there. It may be used from any goroutine.
type Cleaner struct {
	o       Options
	started time.Time

	mu     sync.Mutex
	active map[topology.TaskID]int
}

// Open notes when the tasks of a process that was killed have gone: when it last was alive.
func Open(o Options) (*Cleaner, error) {
	c := &Cleaner{o: o, started: time.Now(), active: map[topology.TaskID]int{}}
	seen, ok, err := c.time(aliveKey())
	if err != nil {
		return nil, fmt.Errorf("find the state of former tasks: %w", err)
	}
	if !ok {
		seen = c.started
	}
	err = c.each(func(id topology.TaskID, s topology.Store) error {
		if _, left, err := c.time(leftKey(s, id)); err != nil || left {
			return err
		}
		has, err := c.has(s, id)
		if err != nil || !has {
			return err
		}
		return c.note(leftKey(s, id), seen)
	})
	if err == nil {
		err = c.note(aliveKey(), c.started)
	}
	if err != nil {
		return nil, fmt.Errorf("find the state of former tasks: %w", err)
	}
	return c, nil
}

// each calls f with every store that a task may have.
func (c *Cleaner) each(f func(topology.TaskID, topology.Store) error) error {
	for _, sub := range c.o.Subtopologies {
		for p := range c.o.Partitions(sub.ID) {
			for _, s := range sub.Stores {
				if err := f(topology.TaskID{Subtopology: sub.ID, Partition: p}, s); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// has reports whether there is state of a store.
func (c *Cleaner) has(s topology.Store, id topology.TaskID) (bool, error) {
	if _, ok, err := restore.StoredOffset(c.o.DB, s.Name, id.Partition); ok || err != nil {
		return ok, err
	}
	first := stores.Key(restore.StatePrefix(id.Partition), s.Name, nil)
	it, err := c.o.DB.Iterate(first, stores.PrefixEnd(first), false)
	if err != nil {
		return false, err
	}
	has := it.Next()
	if err := it.Err(); err != nil {
		_ = it.Close() // the first error says more
		return false, err
	}
	return has, it.Close()
}

// Enter notes that a task is about to start, and returns for how long its state was
// away, 0 when it was not or there is none. Nothing of the task is deleted until [Cleaner.Leave].
func (c *Cleaner) Enter(id topology.TaskID) (away time.Duration, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.active[id]++
	for _, s := range c.o.Subtopologies[id.Subtopology].Stores {
		left, ok, err := c.time(leftKey(s, id))
		if err != nil {
			return 0, err
		}
		if ok {
			away = max(away, time.Since(left))
		}
	}
	return away, nil
}

// Ready notes that the state of a task is as its changelogs are.
func (c *Cleaner) Ready(id topology.TaskID) error {
	var b stores.Batch
	for _, s := range c.o.Subtopologies[id.Subtopology].Stores {
		b.Delete(leftKey(s, id))
	}
	return c.o.DB.Apply(&b)
}

// Leave notes that a task has ended. ready says that [Cleaner.Ready] was called for it:
// otherwise its state is as old as it was.
func (c *Cleaner) Leave(id topology.TaskID, ready bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.active[id]--; c.active[id] > 0 {
		return nil // the next one is there
	}
	delete(c.active, id)
	var b stores.Batch
	for _, s := range c.o.Subtopologies[id.Subtopology].Stores {
		_, noted, err := c.time(leftKey(s, id))
		if err != nil {
			return err
		}
		if ready || !noted {
			b.Put(leftKey(s, id), millis(time.Now()))
		}
	}
	return c.o.DB.Apply(&b)
}

// lookAgain is the most that lies between two looks, and how exactly it is known when a
// process that was killed has last been alive.
const lookAgain = time.Minute

// Run deletes what has been away for long enough, until ctx is done or the DB fails.
func (c *Cleaner) Run(ctx context.Context) error {
	tick := time.NewTicker(max(min(c.o.Delay, lookAgain), time.Second))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := c.clean(); err != nil {
			return fmt.Errorf("delete the state of tasks that have gone away: %w", err)
		}
	}
}

func (c *Cleaner) clean() error {
	if err := c.note(aliveKey(), time.Now()); err != nil {
		return err
	}
	return c.each(func(id topology.TaskID, s topology.Store) error {
		c.mu.Lock()
		defer c.mu.Unlock()
		left, ok, err := c.time(leftKey(s, id))
		if err != nil || !ok || c.active[id] > 0 {
			return err
		}
		if left.Before(c.started) {
			left = c.started // the group may still give the task back
		}
		if time.Since(left) < c.o.Delay {
			return nil
		}
		c.o.Logger.Info("the state of a task that has gone away is deleted", "task", id.String(), "store", s.Name, "left",
			left.UTC().Format(time.RFC3339))
		var b stores.Batch
		restore.Wipe(&b, s.Spec, id.Partition)
		b.Delete(leftKey(s, id))
		return c.o.DB.Apply(&b)
	})
}

// leftKey is the key in the DB of the time at which a store's task has gone away.
func leftKey(s topology.Store, id topology.TaskID) []byte {
	return stores.Key(restore.StatePrefix(id.Partition), "", []byte("left "+s.Name))
}

// aliveKey is the key in the DB of the time at which the process was last alive.
func aliveKey() []byte { return stores.Key(stores.TaskPrefix("process"), "", []byte("alive")) }

func millis(at time.Time) []byte { return binary.BigEndian.AppendUint64(nil, uint64(at.UnixMilli())) }

func (c *Cleaner) note(key []byte, at time.Time) error {
	var b stores.Batch
	b.Put(key, millis(at))
	return c.o.DB.Apply(&b)
}

func (c *Cleaner) time(key []byte) (at time.Time, ok bool, err error) {
	value, err := c.o.DB.Get(key)
	if err != nil || len(value) != 8 {
		return at, false, err
	}
	return time.UnixMilli(int64(binary.BigEndian.Uint64(value))), true, nil
}
