package avro

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/suiro/suiro/connect/data"
)

// node is a schema compiled for encoding. The encoding is written here rather
// than by goavro, which wants a map around each optional value: Avro's binary
// form is a handful of primitives, and the tests hold each to goavro's bytes.
type node struct {
	schema  *data.Schema
	null    int64 // branch of null in the union of an optional type
	fields  []fieldNode
	elem    *node
	symbols []string
	fixed   int
	scale   int
	limit   *big.Rat // what a decimal is below, by its precision
	branch  string   // goavro's name of the branch that is not null
}

type fieldNode struct {
	name string // in Connect
	avro string
	node *node
}

func compile(s *data.Schema) (*node, error) {
	n := &node{schema: s}
	if nullLast(s) {
		n.null = 1
	}
	n.branch = avroTypes[s.Kind]
	var err error
	switch s.Kind {
	case data.Struct:
		return n, n.compileFields()
	case data.Array, data.Map:
		n.branch = strings.ToLower(s.Kind.String())
		n.elem, err = compile(s.Elem)
		return n, err
	case data.String:
		if list := s.Parameters[paramSymbols]; list != "" {
			n.symbols, n.branch = strings.Split(list, ","), s.Parameters[paramEnum]
		}
	case data.Bytes:
		if size := s.Parameters[paramFixed]; size != "" {
			n.fixed, err = strconv.Atoi(size)
			n.branch = s.Parameters[paramFixedAs]
		}
		if s.Name == data.DecimalName && err == nil {
			var precision int
			n.scale, precision, err = decimalOf(s)
			whole := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(precision-n.scale)), nil)
			n.limit = new(big.Rat).SetInt(whole)
		}
	}
	return n, err
}

func (n *node) compileFields() error {
	names := avroNames(n.schema.Fields)
	for i, f := range n.schema.Fields {
		child, err := compile(f.Schema)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		n.fields = append(n.fields, fieldNode{f.Name, names[i], child})
	}
	n.branch = n.schema.Name
	return nil
}

// appendLong appends n zigzag and in seven-bit groups, as Avro's int and long.
func appendLong(dst []byte, n int64) []byte { return binary.AppendVarint(dst, n) }

func appendBytes[S ~[]byte | ~string](dst []byte, s S) []byte {
	return append(appendLong(dst, int64(len(s))), s...)
}

func appendDouble(dst []byte, f float64) []byte {
	return binary.LittleEndian.AppendUint64(dst, math.Float64bits(f))
}

func appendFloat(dst []byte, f float32) []byte {
	return binary.LittleEndian.AppendUint32(dst, math.Float32bits(f))
}

func appendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, 1)
	}
	return append(dst, 0)
}

// append appends v, with the branch of its union when n is optional.
func (n *node) append(dst []byte, v any) ([]byte, error) {
	if v == nil {
		switch {
		case n.schema.Default != nil:
			v = n.schema.Default
		case n.schema.Optional:
			return appendLong(dst, n.null), nil
		default:
			return dst, fmt.Errorf("%w: null for %v, which is not optional", ErrValue, n.schema.Kind)
		}
	}
	if n.schema.Optional {
		dst = appendLong(dst, 1-n.null)
	}
	switch n.schema.Kind {
	case data.Struct:
		return n.appendStruct(dst, v)
	case data.Array:
		return n.appendArray(dst, v)
	case data.Map:
		return n.appendMap(dst, v)
	default:
		return n.appendPrimitive(dst, v)
	}
}

func (n *node) appendStruct(dst []byte, v any) ([]byte, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return dst, n.mismatch(v)
	}
	found := 0
	for i := range n.fields {
		f := &n.fields[i]
		value, ok := m[f.name]
		if ok {
			found++
		}
		var err error
		if dst, err = f.node.append(dst, value); err != nil {
			return dst, inField(f.name, err)
		}
	}
	if found < len(m) {
		return dst, n.unknownField(m)
	}
	return dst, nil
}

func (n *node) unknownField(m map[string]any) error {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if n.schema.Field(k) == nil {
			return fmt.Errorf("%w: field %.80q is not in schema %s", ErrValue, k, n.schema.Name)
		}
	}
	return nil
}

// appendArray and appendMap write one block of all items, then the empty block
// that ends the list.
func (n *node) appendArray(dst []byte, v any) ([]byte, error) {
	list, ok := v.([]any)
	if !ok {
		return dst, n.mismatch(v)
	}
	if len(list) > 0 {
		dst = appendLong(dst, int64(len(list)))
	}
	for i, item := range list {
		var err error
		if dst, err = n.elem.append(dst, item); err != nil {
			return dst, inField(strconv.Itoa(i), err)
		}
	}
	return append(dst, 0), nil
}

func (n *node) appendMap(dst []byte, v any) ([]byte, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return dst, n.mismatch(v)
	}
	if len(m) > 0 {
		dst = appendLong(dst, int64(len(m)))
	}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		var err error
		if dst, err = appendKey(dst, k); err == nil {
			dst, err = n.elem.append(dst, m[k])
		}
		if err != nil {
			return dst, inField(k, err)
		}
	}
	return append(dst, 0), nil
}

// appendKey appends the key of a map, which is text.
func appendKey(dst []byte, key string) ([]byte, error) {
	if !utf8.ValidString(key) {
		return dst, errUTF8
	}
	return appendBytes(dst, key), nil
}

func (n *node) appendPrimitive(dst []byte, v any) ([]byte, error) {
	switch n.schema.Kind {
	case data.Boolean:
		if b, ok := v.(bool); ok {
			return appendBool(dst, b), nil
		}
	case data.String:
		if s, ok := v.(string); ok {
			return n.appendText(dst, s)
		}
	case data.Bytes:
		return n.appendBinary(dst, v)
	case data.Float32:
		if f, ok := data.AsFloat(v); ok {
			short := float32(f)
			if math.IsInf(float64(short), 0) && !math.IsInf(f, 0) {
				return dst, fmt.Errorf("%w: %v is out of the range of %v", ErrValue, f, n.schema.Kind)
			}
			return appendFloat(dst, short), nil
		}
	case data.Float64:
		if f, ok := data.AsFloat(v); ok {
			return appendDouble(dst, f), nil
		}
	default:
		return n.appendInteger(dst, v)
	}
	return dst, n.mismatch(v)
}

func (n *node) appendInteger(dst []byte, v any) ([]byte, error) {
	var i int64
	if t, ok := v.(time.Time); ok {
		var err error
		if i, err = data.TimeNumber(n.schema, t); err != nil {
			return dst, fmt.Errorf("%w: %w", ErrValue, err)
		}
	} else if i, ok = data.AsInt(v); !ok {
		return dst, n.mismatch(v)
	}
	return n.appendInteger64(dst, i)
}

// appendInteger64 appends i if n has room for it.
func (n *node) appendInteger64(dst []byte, i int64) ([]byte, error) {
	if !n.schema.Kind.Fits(i) {
		return dst, fmt.Errorf("%w: %d is out of the range of %v", ErrValue, i, n.schema.Kind)
	}
	return appendLong(dst, i), nil
}

// errUTF8 is not repaired in silence: text that should be kept byte for byte
// belongs into bytes.
var errUTF8 = fmt.Errorf("%w: text is not UTF-8", ErrValue)

func (n *node) appendText(dst []byte, s string) ([]byte, error) {
	if n.symbols == nil {
		if !utf8.ValidString(s) {
			return dst, errUTF8
		}
		return appendBytes(dst, s), nil
	}
	i := slices.Index(n.symbols, s)
	if i < 0 {
		return dst, fmt.Errorf("%w: %.40q is none of the symbols of %s", ErrValue, s, n.branch)
	}
	return appendLong(dst, int64(i)), nil
}

// errDigits is not left to the reader: Hive, for one, reads such a decimal as NULL.
var errDigits = fmt.Errorf("%w: more digits than the precision of the schema", ErrValue)

func (n *node) appendBinary(dst []byte, v any) ([]byte, error) {
	b, ok := v.([]byte)
	if r, isRat := v.(*big.Rat); isRat && n.schema.Name == data.DecimalName {
		if new(big.Rat).Abs(r).Cmp(n.limit) >= 0 {
			return dst, fmt.Errorf("%w: %.40s", errDigits, r.FloatString(n.scale))
		}
		var err error
		if b, err = data.DecimalBytes(r, n.scale); err != nil {
			return dst, fmt.Errorf("%w: %w", ErrValue, err)
		}
		if b, err = widen(b, n.fixed); err != nil {
			return dst, err
		}
		ok = true
	}
	if !ok {
		return dst, n.mismatch(v)
	}
	if n.fixed == 0 {
		return appendBytes(dst, b), nil
	}
	if len(b) != n.fixed {
		return dst, fmt.Errorf("%w: %d bytes for %s, want %d", ErrValue, len(b), n.branch, n.fixed)
	}
	return append(dst, b...), nil
}

// widen fills two's complement b up to size bytes; size 0 leaves it alone.
func widen(b []byte, size int) ([]byte, error) {
	if size == 0 || len(b) == size {
		return b, nil
	}
	if len(b) > size {
		return nil, fmt.Errorf("%w: the number needs %d bytes, the schema has %d", ErrValue, len(b), size)
	}
	out := make([]byte, size)
	if b[0]&0x80 != 0 {
		for i := range out {
			out[i] = 0xff
		}
	}
	copy(out[size-len(b):], b)
	return out, nil
}

func (n *node) mismatch(v any) error {
	want := n.schema.Kind.String()
	if n.schema.Name != "" {
		want += " " + n.schema.Name
	}
	return fmt.Errorf("%w: %T for %s", ErrValue, v, want)
}

// inField puts a field before the cause, so that nested ones read as a path.
func inField(name string, err error) error { return fmt.Errorf("field %.80q: %w", name, err) }
