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
type Type struct {
	// Schema is what the type was compiled from.
	Schema *data.Schema
	null   int64 // branch of null in the union of an optional type
	// Fields are a STRUCT's, in order.
	Fields []Field
	// Elem is the type of the items of an ARRAY or the values of a MAP.
	Elem    *Type
	symbols []string
	fixed   int
	scale   int
	limit   *big.Rat // what a decimal is below, by its precision
	name    string   // of an enum or a fixed
}

// Field is a field of a STRUCT.
type Field struct {
	// Name is the name it has in Connect.
	Name string
	// Type is how it is encoded.
	Type *Type
}

// Compile returns the type of s.
func Compile(s *data.Schema) (*Type, error) {
	t := &Type{Schema: s}
	if NullLast(s) {
		t.null = 1
	}
	var err error
	switch s.Kind {
	case data.Struct:
		return t, t.compileFields()
	case data.Array, data.Map:
		t.Elem, err = Compile(s.Elem)
		return t, err
	case data.String:
		if list := s.Parameters[ParamSymbols]; list != "" {
			t.symbols, t.name = strings.Split(list, ","), s.Parameters[ParamEnum]
		}
	case data.Bytes:
		if size := s.Parameters[ParamFixed]; size != "" {
			t.fixed, err = strconv.Atoi(size)
			t.name = s.Parameters[ParamFixedAs]
		}
		if s.Name == data.DecimalName && err == nil {
			var precision int
			t.scale, precision, err = DecimalOf(s)
			whole := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(precision-t.scale)), nil)
			t.limit = new(big.Rat).SetInt(whole)
		}
	}
	return t, err
}

func (t *Type) compileFields() error {
	for _, f := range t.Schema.Fields {
		child, err := Compile(f.Schema)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		t.Fields = append(t.Fields, Field{f.Name, child})
	}
	return nil
}
