package datum

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/suiro/suiro/connect/data"
)

// AppendLong appends n as Avro's int and long: zigzag, in groups of seven bits.
func AppendLong(dst []byte, n int64) []byte { return binary.AppendVarint(dst, n) }

// AppendBytes appends bytes or text after their length.
func AppendBytes[S ~[]byte | ~string](dst []byte, s S) []byte {
	return append(AppendLong(dst, int64(len(s))), s...)
}

// AppendDouble appends a double.
func AppendDouble(dst []byte, f float64) []byte {
	return binary.LittleEndian.AppendUint64(dst, math.Float64bits(f))
}

// AppendFloat appends a float.
func AppendFloat(dst []byte, f float32) []byte {
	return binary.LittleEndian.AppendUint32(dst, math.Float32bits(f))
}

// AppendBool appends a boolean.
func AppendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, 1)
	}
	return append(dst, 0)
}

// Append appends v, after the branch if the type is in a union. On error dst may
// hold a part of v.
func (t *Type) Append(dst []byte, v any) ([]byte, error) {
	if v == nil {
		switch {
		case t.Schema.Default != nil:
			v = t.Schema.Default
		case t.Schema.Optional:
			return AppendLong(dst, t.null), nil
		default:
			return dst, fmt.Errorf("%w: null for %v, which is not optional", ErrValue, t.Schema.Kind)
		}
	}
	if t.Union {
		return t.appendUnion(dst, v)
	}
	dst = t.AppendBranch(dst)
	switch t.Schema.Kind {
	case data.Struct:
		return t.appendStruct(dst, v)
	case data.Array:
		return t.appendArray(dst, v)
	case data.Map:
		return t.appendMap(dst, v)
	default:
		return t.appendPrimitive(dst, v)
	}
}

// AppendBranch appends the branch of a value that is not null: nothing when the
// type is in no union. For a union of several types use [Type.AppendType].
func (t *Type) AppendBranch(dst []byte) []byte {
	if !t.tagged {
		return dst
	}
	return AppendLong(dst, t.value())
}

// value returns the branch of a value that is not null.
func (t *Type) value() int64 {
	if t.Schema.Optional {
		return 1 - t.null
	}
	return 0
}

// AppendType appends the branch of one of the types of a union of several, by its
// place in Fields.
func (t *Type) AppendType(dst []byte, field int) []byte {
	return AppendLong(dst, t.Fields[field].branch)
}

// errBranches is an error, and the first value is not taken, because the others
// would be lost without a trace.
var errBranches = fmt.Errorf("%w: more than one type of the union has a value", ErrValue)

// appendUnion appends the only field of v that is not null, or null.
func (t *Type) appendUnion(dst []byte, v any) ([]byte, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return dst, t.mismatch(v)
	}
	chosen, found := -1, 0
	for i := range t.Fields {
		value, ok := m[t.Fields[i].Name]
		if ok {
			found++
		}
		if value == nil {
			continue
		}
		if chosen >= 0 {
			return dst, errBranches
		}
		chosen = i
	}
	switch {
	case found < len(m):
		return dst, t.unknownField(m)
	case chosen < 0 && t.Schema.Optional:
		return AppendLong(dst, t.null), nil
	case chosen < 0:
		return dst, fmt.Errorf("%w: no type of the union has a value, and the union is not optional", ErrValue)
	}
	f := &t.Fields[chosen]
	out, err := f.Type.Append(t.AppendType(dst, chosen), m[f.Name])
	if err != nil {
		return dst, data.InField(f.Name, err)
	}
	return out, nil
}

func (t *Type) appendStruct(dst []byte, v any) ([]byte, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return dst, t.mismatch(v)
	}
	found := 0
	for i := range t.Fields {
		f := &t.Fields[i]
		value, ok := m[f.Name]
		if ok {
			found++
		}
		var err error
		if dst, err = f.Type.Append(dst, value); err != nil {
			return dst, data.InField(f.Name, err)
		}
	}
	if found < len(m) {
		return dst, t.unknownField(m)
	}
	return dst, nil
}

func (t *Type) unknownField(m map[string]any) error {
	known := make(map[string]bool, len(t.Fields))
	for i := range t.Fields {
		known[t.Fields[i].Name] = true
	}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if !known[k] {
			return fmt.Errorf("%w: field %.80q is not in schema %.80s", ErrValue, k, t.Schema.Name)
		}
	}
	return nil
}

// appendArray and appendMap write one block of all items, then the empty block
// that ends the list.
func (t *Type) appendArray(dst []byte, v any) ([]byte, error) {
	list, ok := v.([]any)
	if !ok {
		return dst, t.mismatch(v)
	}
	if len(list) > 0 {
		dst = AppendLong(dst, int64(len(list)))
	}
	for i, item := range list {
		var err error
		if dst, err = t.Elem.Append(dst, item); err != nil {
			return dst, data.InField(strconv.Itoa(i), err)
		}
	}
	return append(dst, 0), nil
}

func (t *Type) appendMap(dst []byte, v any) ([]byte, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return dst, t.mismatch(v)
	}
	if len(m) > 0 {
		dst = AppendLong(dst, int64(len(m)))
	}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		var err error
		if dst, err = AppendKey(dst, k); err == nil {
			dst, err = t.Elem.Append(dst, m[k])
		}
		if err != nil {
			return dst, data.InField(k, err)
		}
	}
	return append(dst, 0), nil
}

// AppendKey appends the key of a map.
func AppendKey(dst []byte, key string) ([]byte, error) {
	if !utf8.ValidString(key) {
		return dst, ErrUTF8
	}
	return AppendBytes(dst, key), nil
}
