package datum

import (
	"fmt"
	"math/big"
	"strconv"
	"time"

	"github.com/suiro/suiro/connect/data"
)

// FromPlain turns the number or bytes below a logical type into its Go value.
// Other values are returned unchanged.
func FromPlain(s *data.Schema, v any) (any, error) {
	switch v := v.(type) {
	case int32:
		if s.IsTime() {
			return data.TimeOf(s, int64(v))
		}
	case int64:
		if s.IsTime() {
			return data.TimeOf(s, v)
		}
	case []byte:
		if s.Name == data.DecimalName {
			scale, _, err := DecimalOf(s)
			if err != nil {
				return nil, err
			}
			r, err := data.DecimalOf(v, scale)
			if err != nil {
				return nil, fmt.Errorf("%w: %w", ErrValue, err)
			}
			return r, nil
		}
	}
	return v, nil
}

// ToPlain is the reverse of FromPlain: it returns a bool, int64, float64, string,
// []byte, []any or map[string]any.
func ToPlain(s *data.Schema, v any) (any, error) {
	switch v := v.(type) {
	case time.Time:
		return data.TimeNumber(s, v)
	case *big.Rat:
		scale, _, err := DecimalOf(s)
		if err != nil {
			return nil, err
		}
		return data.DecimalBytes(v, scale)
	case bool, string, []byte, []any, map[string]any:
		return v, nil
	}
	if n, ok := data.AsInt(v); ok {
		return n, nil
	}
	if f, ok := data.AsFloat(v); ok {
		return f, nil
	}
	return nil, fmt.Errorf("%w: %s for %v", ErrValue, data.Describe(v), s.Kind)
}

// DecimalOf returns the scale and the precision of a Decimal. The default
// precision is never below the scale, because Avro forbids that.
func DecimalOf(s *data.Schema) (scale, precision int, err error) {
	scale, err = strconv.Atoi(s.Parameters[ParamScale])
	if err != nil || scale < -MaxDigits || scale > MaxDigits {
		return 0, 0, fmt.Errorf("%w: decimal scale %.40q: want an integer from %d to %d",
			ErrSchema, s.Parameters[ParamScale], -MaxDigits, MaxDigits)
	}
	if precision = DefaultPrecision; scale > precision {
		precision += scale // so that there is room before the decimal point
	}
	if text, ok := s.Parameters[ParamDigits]; ok {
		if precision, err = strconv.Atoi(text); err != nil || precision < 1 || precision > MaxDigits {
			return 0, 0, fmt.Errorf("%w: decimal precision %.40q: want an integer from 1 to %d", ErrSchema, text, MaxDigits)
		}
	}
	return scale, precision, nil
}
