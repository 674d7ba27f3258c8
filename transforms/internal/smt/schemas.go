package smt

import (
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/memo"
)

// Schemas remembers the schemas made of others, so that equal records keep one
// schema. It may be shared by goroutines.
type Schemas struct {
	made memo.Memo[*data.Schema, *data.Schema]
}

// Of returns what build makes of s, nil for nil.
func (c *Schemas) Of(s *data.Schema, build func(*data.Schema) *data.Schema) *data.Schema {
	if s == nil {
		return nil
	}
	if made, ok := c.made.Get(s); ok {
		return made
	}
	return c.made.PutSized(s, build(s), 2*s.Size())
}

// Optional returns s as an optional schema, as that of a required field is within a
// struct that is null.
func Optional(s *data.Schema) *data.Schema {
	if s.Optional {
		return s
	}
	out := *s
	out.Optional = true
	return &out
}
