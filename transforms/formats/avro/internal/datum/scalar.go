package datum

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/suiro/suiro/connect/data"
)

// scalar encodes and decodes the values of a type that contains no others: numbers,
// booleans, text and bytes.
type scalar struct {
	schema  *data.Schema
	symbols []string         // of an enum, or nil
	numbers map[string]int64 // of symbols, by name
	isFixed bool
	size    int      // of a fixed, in bytes
	scale   int      // of a decimal
	limit   *big.Rat // decimals must be below it; nil when there is no limit
	name    string   // of an enum or a fixed
}

func newScalar(s *data.Schema) (x scalar, err error) {
	x.schema = s
	switch s.Kind {
	case data.String:
		if list := s.Parameters[ParamSymbols]; list != "" {
			x.symbols, x.name = strings.Split(list, ","), s.Parameters[ParamEnum]
			x.numbers = make(map[string]int64, len(x.symbols))
			for i := len(x.symbols) - 1; i >= 0; i-- { // of equal ones the first counts
				x.numbers[x.symbols[i]] = int64(i)
			}
		}
	case data.Bytes:
		err = x.binary()
	}
	return x, err
}

// binary reads what the schema says of a fixed or a decimal. The default precision
// limits nothing, as in Confluent's converter, nor does one that Avro forbids.
func (x *scalar) binary() (err error) {
	if size := x.schema.Parameters[ParamFixed]; size != "" {
		x.isFixed, x.name = true, x.schema.Parameters[ParamFixedAs]
		if x.size, err = strconv.Atoi(size); err != nil || x.size < 0 {
			return fmt.Errorf("%w: fixed %.80s: size %.40q: want an integer from 0", ErrSchema, x.name, size)
		}
	}
	if x.schema.Name != data.DecimalName {
		return nil
	}
	var precision int
	if x.scale, precision, err = DecimalOf(x.schema); err != nil {
		return err
	}
	if _, given := x.schema.Parameters[ParamDigits]; given && x.scale >= 0 && x.scale <= precision {
		whole := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(precision-x.scale)), nil)
		x.limit = new(big.Rat).SetInt(whole)
	}
	return nil
}

func (x *scalar) appendPrimitive(dst []byte, v any) ([]byte, error) {
	switch x.schema.Kind {
	case data.Boolean:
		if b, ok := v.(bool); ok {
			return AppendBool(dst, b), nil
		}
	case data.String:
		if s, ok := v.(string); ok {
			return x.AppendText(dst, s)
		}
	case data.Bytes:
		return x.AppendBinary(dst, v)
	case data.Float32:
		if f, ok := data.AsFloat(v); ok {
			short := float32(f)
			if math.IsInf(float64(short), 0) && !math.IsInf(f, 0) {
				return dst, fmt.Errorf("%w: %v is out of the range of %v", ErrValue, f, x.schema.Kind)
			}
			return AppendFloat(dst, short), nil
		}
	case data.Float64:
		if f, ok := data.AsFloat(v); ok {
			return AppendDouble(dst, f), nil
		}
	default:
		return x.appendAnyInteger(dst, v)
	}
	return dst, x.mismatch(v)
}

func (x *scalar) appendAnyInteger(dst []byte, v any) ([]byte, error) {
	var i int64
	if at, ok := v.(time.Time); ok {
		var err error
		if i, err = data.TimeNumber(x.schema, at); err != nil {
			return dst, fmt.Errorf("%w: %w", ErrValue, err)
		}
	} else if i, ok = data.AsInt(v); !ok {
		return dst, x.mismatch(v)
	}
	return x.AppendInteger(dst, i)
}

// AppendInteger appends i if the type can hold it. A Time that is not within a day
// is refused, because nobody could read it.
func (x *scalar) AppendInteger(dst []byte, i int64) ([]byte, error) {
	if !x.schema.Kind.Fits(i) {
		return dst, fmt.Errorf("%w: %d is out of the range of %v", ErrValue, i, x.schema.Kind)
	}
	if x.schema.Name == data.TimeName {
		if _, err := data.TimeOf(x.schema, i); err != nil {
			return dst, fmt.Errorf("%w: %w", ErrValue, err)
		}
	}
	return AppendLong(dst, i), nil
}

// ErrUTF8 says that text is not UTF-8. Replacing the bytes would change the data
// unnoticed; data that is not text belongs in BYTES.
var ErrUTF8 = fmt.Errorf("%w: text is not UTF-8", ErrValue)

// AppendText appends text, or the number of a symbol of an enum.
func (x *scalar) AppendText(dst []byte, s string) ([]byte, error) {
	if x.symbols == nil {
		if !utf8.ValidString(s) {
			return dst, ErrUTF8
		}
		return AppendBytes(dst, s), nil
	}
	i, ok := x.numbers[s]
	if !ok {
		return dst, fmt.Errorf("%w: %.40q is not a symbol of %.80s", ErrValue, s, x.name)
	}
	return AppendLong(dst, i), nil
}

// ErrDigits says that a decimal is too large for its schema. It is not left to the
// reader to notice: Hive, for one, reads such a decimal as NULL.
var ErrDigits = fmt.Errorf("%w: more digits than the precision of the schema", ErrValue)

// AppendBinary appends bytes, a fixed or a decimal.
func (x *scalar) AppendBinary(dst []byte, v any) ([]byte, error) {
	b, ok := v.([]byte)
	if r, isRat := v.(*big.Rat); isRat && x.schema.Name == data.DecimalName {
		if x.limit != nil && new(big.Rat).Abs(r).Cmp(x.limit) >= 0 {
			return dst, fmt.Errorf("%w: %.40s", ErrDigits, r.FloatString(max(x.scale, 0)))
		}
		var err error
		if b, err = data.DecimalBytes(r, x.scale); err != nil {
			return dst, fmt.Errorf("%w: %w", ErrValue, err)
		}
		if b, err = x.widen(b); err != nil {
			return dst, err
		}
		ok = true
	}
	if !ok {
		return dst, x.mismatch(v)
	}
	if !x.isFixed {
		return AppendBytes(dst, b), nil
	}
	if len(b) != x.size {
		return dst, fmt.Errorf("%w: %d bytes for %.80s, want %d", ErrValue, len(b), x.name, x.size)
	}
	return append(dst, b...), nil
}

// widen extends a two's complement number to the size of a fixed.
func (x *scalar) widen(b []byte) ([]byte, error) {
	if !x.isFixed || len(b) == x.size {
		return b, nil
	}
	if len(b) > x.size {
		return nil, fmt.Errorf("%w: the number needs %d bytes and the fixed has %d", ErrValue, len(b), x.size)
	}
	out := make([]byte, x.size)
	if b[0]&0x80 != 0 {
		for i := range out {
			out[i] = 0xff
		}
	}
	copy(out[x.size-len(b):], b)
	return out, nil
}

func (x *scalar) mismatch(v any) error {
	want := x.schema.Kind.String()
	if x.schema.Name != "" {
		want += " " + x.schema.Name
	}
	return fmt.Errorf("%w: %s for %.200s", ErrValue, data.Describe(v), want)
}

func (x *scalar) decodePrimitive(b []byte) (any, []byte, error) {
	switch x.schema.Kind {
	case data.Boolean:
		if len(b) == 0 {
			return nil, nil, errShort
		}
		if b[0] > 1 {
			return nil, nil, fmt.Errorf("%w: byte %d is not a boolean", ErrValue, b[0])
		}
		return b[0] == 1, b[1:], nil
	case data.Float32:
		if len(b) < 4 {
			return nil, nil, errShort
		}
		return math.Float32frombits(binary.LittleEndian.Uint32(b)), b[4:], nil
	case data.Float64:
		if len(b) < 8 {
			return nil, nil, errShort
		}
		return math.Float64frombits(binary.LittleEndian.Uint64(b)), b[8:], nil
	case data.String:
		return x.decodeText(b)
	case data.Bytes:
		return x.decodeBinary(b)
	default:
		i, rest, err := takeLong(b)
		if err != nil {
			return nil, nil, err
		}
		if !x.schema.Kind.Fits(i) {
			return nil, nil, fmt.Errorf("%w: %d is out of the range of %v", ErrValue, i, x.schema.Kind)
		}
		return x.schema.Kind.Sized(i), rest, nil
	}
}

func (x *scalar) decodeText(b []byte) (any, []byte, error) {
	if x.symbols == nil {
		s, rest, err := takeBytes(b)
		return string(s), rest, err
	}
	i, rest, err := takeLong(b)
	if err == nil && (i < 0 || i >= int64(len(x.symbols))) {
		err = fmt.Errorf("%w: symbol number %d of an enum %[4]s with %[3]d symbols", ErrValue, i, len(x.symbols), x.name)
	}
	if err != nil {
		return nil, nil, err
	}
	return x.symbols[i], rest, nil
}

func (x *scalar) decodeBinary(b []byte) (any, []byte, error) {
	if !x.isFixed {
		v, rest, err := takeBytes(b)
		return append([]byte{}, v...), rest, err
	}
	if len(b) < x.size {
		return nil, nil, errShort
	}
	return append([]byte{}, b[:x.size]...), b[x.size:], nil
}
