package avro

import (
	"fmt"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/internal/room"
)

const (
	// MaxText is the longest text of a schema that is read, together with the schemas
	// that it refers to, in bytes. What a schema registry keeps is shorter than a
	// message of Kafka, by default 1 MiB.
	MaxText = 4 << 20
	// maxDepth is how deep types may be nested, as values of JSON in Kafka Connect.
	maxDepth = 1000
	// maxExtent is how many bytes a schema may take, about, with its types and defaults
	// written out wherever they are used. A type that has two fields of the type before
	// it, which has two fields of the one before, takes twice as much with each of them.
	// Other forms of a schema, such as that of Kafka Connect's JSON or a table in Hive,
	// are written out like this.
	maxExtent = 16 << 20
)

var (
	errDepth  = fmt.Errorf("%w: its types are nested deeper than %d", ErrSchema, maxDepth)
	errExtent = fmt.Errorf("%w: with its types and defaults written out wherever they are used, it takes more than %d MiB",
		ErrSchema, maxExtent>>20)
)

// checkExtent checks that s is not too large or too deep.
func checkExtent(s *data.Schema) error {
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
			return own, errExtent
		}
		own.bytes += r.Taken()
	}
	for _, f := range s.Fields {
		own.bytes += len(f.Name)
		if err := m.add(&own, f.Schema); err != nil {
			return own, err
		}
	}
	if err := m.add(&own, s.Elem); err != nil {
		return own, err
	}
	own.depth++
	m[s] = own
	switch {
	case own.bytes > maxExtent:
		return own, errExtent
	case own.depth > maxDepth:
		return own, errDepth
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
