package transforms

import (
	"sync"

	"github.com/suiro/suiro/connect/data"
)

// schemas remembers the schemas made of others, so that equal records keep one
// schema. It may be shared by goroutines.
type schemas struct {
	mu   sync.RWMutex
	made map[*data.Schema]*data.Schema // guarded by mu
}

// schemasKept bounds the schemas remembered; a topic has few.
const schemasKept = 64

// of returns what build makes of s, nil for nil.
func (c *schemas) of(s *data.Schema, build func(*data.Schema) *data.Schema) *data.Schema {
	if s == nil {
		return nil
	}
	c.mu.RLock()
	made := c.made[s]
	c.mu.RUnlock()
	if made != nil {
		return made
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if made := c.made[s]; made != nil {
		return made
	}
	if c.made == nil || len(c.made) >= schemasKept {
		c.made = map[*data.Schema]*data.Schema{}
	}
	c.made[s] = build(s)
	return c.made[s]
}
