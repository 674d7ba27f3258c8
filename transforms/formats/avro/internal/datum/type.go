package datum

import (
	"fmt"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/internal/room"
)

// Type is a schema compiled for encoding and decoding. It does not use goavro,
// which needs a map around each optional value; the tests compare its bytes with
// goavro's. It may be shared by goroutines.
//
// A value whose type is in a union comes after the number of its branch:
//
//	optional T          0 or 1 | T, or nothing when the branch is null
//	union of several    0, 1, 2, … | the type of that branch
//	union of one        0 | T
type Type struct {
	// Schema is what the type was compiled from.
	Schema *data.Schema
	// Fields are the fields of a STRUCT, in order, or the types of a union.
	Fields []Field
	// Elem is the type of the items of an ARRAY or the values of a MAP.
	Elem *Type
	// Union says that the type is a union of several types.
	Union bool

	scalar
	null   int64 // branch of null where Schema is optional
	tagged bool  // a branch stands in front of a value
	own    int   // room of a value without what is in it
	ofNull int   // room of the default that a null becomes where it is written
}

// Field is a field of a STRUCT, or one of the types of a union.
type Field struct {
	// Name is the name it has in Connect.
	Name string
	// Type is how it is encoded.
	Type   *Type
	branch int64 // of a union
}

// Compile returns the type of s.
func Compile(s *data.Schema) (*Type, error) {
	return compiler{}.compile(s)
}

// compiler holds what is compiled already. A schema that uses one type in many
// places would otherwise be compiled once for each way that leads to it, of which
// there may be billions.
type compiler map[*data.Schema]*Type

func (c compiler) compile(s *data.Schema) (*Type, error) {
	if t := c[s]; t != nil {
		return t, nil
	}
	own, err := newScalar(s)
	if err != nil {
		return nil, err
	}
	t := &Type{Schema: s, scalar: own, tagged: s.Optional || s.Parameters[ParamSingle] != ""}
	if NullLast(s) {
		t.null = 1
	}
	switch s.Kind {
	case data.Struct:
		t.own = room.Map(len(s.Fields))
		err = c.fields(t)
	case data.Array, data.Map:
		t.Elem, err = c.compile(s.Elem)
	case data.Bytes:
		if s.Name == data.DecimalName {
			t.own = room.Decimal(own.scale)
		}
	}
	if s.Default != nil {
		// A default that has no room is refused where the schema is read, or an author
		// made it.
		r := room.For(0)
		_ = r.TakeValue(s.Default)
		t.ofNull = r.Taken()
	}
	c[s] = t
	return t, err
}

func (c compiler) fields(t *Type) error {
	t.Union = IsUnion(t.Schema)
	if t.Union {
		t.null = int64(NullAt(t.Schema))
	}
	for i, f := range t.Schema.Fields {
		s, branch := f.Schema, int64(i)
		if t.Union {
			s = Branch(s)
			if t.Schema.Optional && branch >= t.null {
				branch++
			}
		}
		child, err := c.compile(s)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		t.Fields = append(t.Fields, Field{f.Name, child, branch})
	}
	return nil
}

// Branch returns the schema of one type of a union: as a field of the STRUCT it is
// optional, in the union it is not.
func Branch(s *data.Schema) *data.Schema {
	own := *s
	own.Optional, own.Default = false, nil
	return &own
}
