package datum

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect/data"
)

// Type is a schema compiled for encoding. The encoding is written here rather
// than by goavro, which wants a map around each optional value: Avro's binary
// form is a handful of primitives, and the tests hold each to goavro's bytes.
//
// A type that is one of several in a union has a branch in front of its value:
//
//	optional T          0 or 1 | T, or where null is alone
//	union of several    0, 1, 2, … | the type of that branch
//	union of one        0 | T
type Type struct {
	// Schema is what the type was compiled from.
	Schema *data.Schema
	// Fields are a STRUCT's, in order. Of a union they are its types.
	Fields []Field
	// Elem is the type of the items of an ARRAY or the values of a MAP.
	Elem *Type
	// Union says that the type is one of several.
	Union bool

	null    int64 // branch of null where Schema is optional
	tagged  bool  // a branch stands in front of a value
	symbols []string
	isFixed bool
	size    int // of a fixed
	scale   int
	limit   *big.Rat // what a decimal is below, by its precision; nil when there is no limit
	name    string   // of an enum or a fixed
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
	t := &Type{Schema: s, tagged: s.Optional || s.Parameters[ParamSingle] != ""}
	if NullLast(s) {
		t.null = 1
	}
	var err error
	switch s.Kind {
	case data.Struct:
		return t, t.compileFields()
	case data.Array, data.Map:
		t.Elem, err = Compile(s.Elem)
	case data.String:
		if list := s.Parameters[ParamSymbols]; list != "" {
			t.symbols, t.name = strings.Split(list, ","), s.Parameters[ParamEnum]
		}
	case data.Bytes:
		err = t.compileBytes()
	}
	return t, err
}

func (t *Type) compileFields() error {
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
		child, err := Compile(s)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		t.Fields = append(t.Fields, Field{f.Name, child, branch})
	}
	return nil
}

// Branch returns the schema of one of the types of a union, which is optional as
// a field of the STRUCT and is not in the union itself.
func Branch(s *data.Schema) *data.Schema {
	own := *s
	own.Optional, own.Default = false, nil
	return &own
}

func (t *Type) compileBytes() (err error) {
	if size := t.Schema.Parameters[ParamFixed]; size != "" {
		t.isFixed, t.name = true, t.Schema.Parameters[ParamFixedAs]
		if t.size, err = strconv.Atoi(size); err != nil || t.size < 0 {
			return fmt.Errorf("%w: fixed %s: size %.40q: want an integer from 0", ErrSchema, t.name, size)
		}
	}
	if t.Schema.Name != data.DecimalName {
		return nil
	}
	var precision int
	t.scale, precision, err = DecimalOf(t.Schema)
	if err == nil && t.scale >= 0 && t.scale <= precision { // any other precision is none
		whole := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(precision-t.scale)), nil)
		t.limit = new(big.Rat).SetInt(whole)
	}
	return err
}
