// Package extent bounds what a schema takes when it is written out.
//
// The text of a schema may name a type and use it twice, and that type another twice.
// A type that has two fields of the type before it, which has two fields of the one
// before, takes twice as much with each of them. Other forms of a schema, such as that
// of Kafka Connect's JSON or a table in Hive, have no names and are written out.
package extent

import (
	"fmt"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/internal/room"
)

const (
	// MaxDepth is how deep types may be nested, as values of JSON in Kafka Connect.
	MaxDepth = 1000
	// Max is how many bytes a schema may take, about, with its types and defaults
	// written out wherever they are used.
	Max = 16 << 20
)

// The errors of [Check].
var (
	ErrDepth = fmt.Errorf("its types are nested deeper than %d", MaxDepth)
	ErrSize  = fmt.Errorf("with its types and defaults written out wherever they are used, it takes more than %d MiB",
		Max>>20)
)

// Check checks that s is not too large or too deep.
func Check(s *data.Schema) error {
	_, err := measure{}.extent(s)
	return err
}

// measure holds what was measured already.
type measure map[*data.Schema]extent

type extent struct{ bytes, depth int }

const extentOfType = 64

func (m measure) extent(s *data.Schema) (extent, error) {
	if s == nil {
		return extent{}, nil
	}
	if known, ok := m[s]; ok {
		return known, nil
	}
	own := extent{bytes: extentOfType + len(s.Name) + len(s.Doc)}
	for k, v := range s.Parameters {
		own.bytes += len(k) + len(v)
	}
	if s.Default != nil {
		r := room.For(0)
		if err := r.TakeValue(s.Default); err != nil {
			return own, ErrSize
		}
		own.bytes += r.Taken()
	}
	for _, f := range s.Fields {
		own.bytes += len(f.Name)
		if err := m.add(&own, f.Schema); err != nil {
			return own, err
		}
	}
	for _, part := range []*data.Schema{s.Key, s.Elem} {
		if err := m.add(&own, part); err != nil {
			return own, err
		}
	}
	own.depth++
	m[s] = own
	switch {
	case own.bytes > Max:
		return own, ErrSize
	case own.depth > MaxDepth:
		return own, ErrDepth
	}
	return own, nil
}

// add adds a part of a type to it.
func (m measure) add(own *extent, part *data.Schema) error {
	e, err := m.extent(part)
	own.bytes += e.bytes
	own.depth = max(own.depth, e.depth)
	return err
}
