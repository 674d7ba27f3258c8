package backing

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
)

// copyTimeout is how long one copy may take.
const copyTimeout = 5 * time.Second

// copies writes the latest offsets of connectors to another store, in the background: a
// store that is away must not hold a connector up. It is safe for concurrent use.
type copies struct {
	to     OffsetStore
	logger *slog.Logger

	mu      sync.Mutex                  // guards the rest
	waiting map[string]map[string]Entry // by connector and by key
	done    chan struct{}               // closed once nothing waits any more; nil when nothing does
}

// add has entries copied.
func (c *copies) add(connector string, entries []Entry) error {
	if len(entries) == 0 {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting[connector] == nil {
		if c.waiting == nil {
			c.waiting = map[string]map[string]Entry{}
		}
		c.waiting[connector] = map[string]Entry{}
	}
	if err := addByKey(c.waiting[connector], connector, entries); err != nil {
		return err
	}
	if c.done == nil {
		c.done = make(chan struct{})
		go c.work()
	}
	return nil
}

// wait waits until everything is copied, or was tried.
func (c *copies) wait(ctx context.Context) error {
	c.mu.Lock()
	done := c.done
	c.mu.Unlock()
	if done == nil {
		return nil
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// work copies what waits until nothing does.
func (c *copies) work() {
	for all := c.take(); len(all) > 0; all = c.take() {
		for connector, entries := range all {
			c.copy(connector, slices.Collect(maps.Values(entries)))
		}
	}
}

func (c *copies) copy(connector string, entries []Entry) {
	ctx, cancel := context.WithTimeout(context.Background(), copyTimeout)
	defer cancel()
	if err := c.to.Put(ctx, connector, entries); err != nil {
		c.logger.Warn("source offsets are in the connector's own topic, and not in the worker's store too; without "+
			"offsets.storage.topic it would repeat records", "connector", connector, "error", err)
	}
}

// take returns what waits. When nothing does, work is over.
func (c *copies) take() map[string]map[string]Entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := c.waiting
	c.waiting = nil
	if len(all) == 0 {
		close(c.done)
		c.done = nil
	}
	return all
}

// addByKey adds entries under the keys of their source partitions.
func addByKey(to map[string]Entry, connector string, entries []Entry) error {
	for _, e := range entries {
		key, err := Key(connector, e.Partition)
		if err != nil {
			return err
		}
		to[string(key)] = e
	}
	return nil
}
