package text

import (
	"strconv"

	"github.com/suiro/suiro/connect/data"
)

// merger finds the one schema of the elements of a list.
type merger struct {
	schema  *data.Schema // nil while there are only nulls, or when there is no common one
	differ  bool
	hasNull bool
}

func (m *merger) add(v parsed) {
	switch {
	case v.schema == nil:
		m.hasNull = true
	case m.differ || v.schema.Equal(m.schema):
	case m.schema == nil:
		m.schema = v.schema
	case isNumber(m.schema) && isNumber(v.schema):
		m.schema = numberSchemas[max(m.schema.Kind, v.schema.Kind)]
	default:
		m.schema, m.differ = nil, true
	}
}

func isNumber(s *data.Schema) bool { return s.Kind <= data.Float64 && s.Name == "" }

// align gives the numbers of a list the type of their schema. Null has no place
// among values of a schema.
func (m *merger) align(list []any) error {
	if m.schema == nil {
		return nil
	}
	if m.hasNull {
		return errShape
	}
	if !isNumber(m.schema) {
		return nil
	}
	for i, v := range list {
		n, whole := data.AsInt(v)
		f, _ := data.AsFloat(v)
		switch {
		case m.schema.Kind == data.Float64:
			list[i] = widened(v, f)
		case m.schema.Kind == data.Float32:
			list[i] = float32(f)
		case whole:
			list[i] = m.schema.Kind.Sized(n)
		}
	}
	return nil
}

// widened returns a float32 as the float64 of the same digits, so that 0.1 stays 0.1.
func widened(v any, f float64) float64 {
	if short, ok := v.(float32); ok {
		f, _ = strconv.ParseFloat(strconv.FormatFloat(float64(short), 'g', -1, 32), 64)
	}
	return f
}
