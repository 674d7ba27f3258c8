package avro

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro/internal/datum"
)

// readProperties reads the properties of a type: its doc, what Confluent's
// converter writes about the Connect schema, and the logical type. Properties that
// are wrong are ignored; the data is then what the type alone says.
func readProperties(s *data.Schema, raw map[string]any, own *defaults) {
	if doc, ok := raw["doc"].(string); ok {
		s.Doc = doc
	}
	if name, ok := raw["connect.name"].(string); ok && name != datum.UnionName {
		s.Name = name
	}
	if v, ok := raw["connect.version"].(json.Number); ok {
		if n, err := strconv.Atoi(v.String()); err == nil {
			s.Version = n
		}
	}
	readParameters(s, raw)
	readSize(s, raw)
	readLogical(s, raw)
	dropUnusable(s)
	if d, ok := raw["connect.default"]; ok && d != nil {
		own.set(s, d)
	}
}

// readParameters reads the parameters of the Connect schema, and the properties
// that begin with avro., such as avro.java.string, which become parameters in
// Confluent's converter. None of them may change how bytes are read.
func readParameters(s *data.Schema, raw map[string]any) {
	all := maps.Clone(s.Parameters) // s may share them with the type it is a copy of
	set := func(k string, v any) {
		text, ok := v.(string)
		if !ok || slices.Contains(datum.Layout, k) {
			return
		}
		if all == nil {
			all = map[string]string{}
		}
		all[k] = text
	}
	if m, ok := raw["connect.parameters"].(map[string]any); ok {
		for k, v := range m {
			set(k, v)
		}
	}
	for k, v := range raw {
		if strings.HasPrefix(k, "avro.") {
			set(k, v)
		}
	}
	s.Parameters = all
}

// readSize tells INT8 and INT16 from INT32.
func readSize(s *data.Schema, raw map[string]any) {
	if s.Kind != data.Int32 {
		return
	}
	switch raw[propType] {
	case "int8":
		s.Kind = data.Int8
	case "int16":
		s.Kind = data.Int16
	}
}

// readLogical reads the logical type. One that Connect does not have, or that does
// not fit its type, is kept in a parameter, and changes nothing else.
func readLogical(s *data.Schema, raw map[string]any) {
	name, _ := raw["logicalType"].(string)
	lower := strings.ToLower(name)
	switch {
	case name == "":
	case lower == "date" && s.Kind == data.Int32:
		s.Name = data.DateName
	case lower == "time-millis" && s.Kind == data.Int32:
		s.Name = data.TimeName
	case lower == "timestamp-millis" && s.Kind == data.Int64:
		s.Name = data.TimestampName
	case lower == "decimal" && s.Kind == data.Bytes:
		readDecimal(s, raw)
	default:
		s.Parameters = with(s.Parameters, datum.ParamLogical, name)
	}
}

// readDecimal reads precision and scale. A decimal that Avro forbids, such as one
// with a scale above the precision, stays bytes, unless connect.name says that
// Connect wrote it: there a decimal may have any scale.
func readDecimal(s *data.Schema, raw map[string]any) {
	scale, hasScale := integer(raw["scale"])
	precision, hasPrecision := integer(raw["precision"])
	fits := hasPrecision && precision >= 1 && precision <= datum.MaxDigits
	valid := fits && scale >= 0 && scale <= precision && (hasScale || raw["scale"] == nil)
	if !valid && s.Name != data.DecimalName {
		return
	}
	s.Name = data.DecimalName
	if hasScale || s.Parameters[datum.ParamScale] == "" {
		s.Parameters = with(s.Parameters, datum.ParamScale, strconv.Itoa(scale))
	}
	if fits && precision != datum.DefaultPrecision {
		s.Parameters = with(s.Parameters, datum.ParamDigits, strconv.Itoa(precision))
	}
}

func integer(raw any) (int, bool) {
	n, ok := raw.(json.Number)
	if !ok {
		return 0, false
	}
	i, err := strconv.Atoi(n.String())
	return i, err == nil
}

// logicalKinds are the logical types of Connect, with the kind that each is based
// on and its name in Avro.
var logicalKinds = map[string]struct {
	kind data.Kind
	name string
}{
	data.DateName:      {data.Int32, "date"},
	data.TimeName:      {data.Int32, "time-millis"},
	data.TimestampName: {data.Int64, "timestamp-millis"},
	data.DecimalName:   {data.Bytes, "decimal"},
}

// dropUnusable removes a logical type that does not fit its kind, and a precision
// that is not a number.
func dropUnusable(s *data.Schema) {
	if p, ok := s.Parameters[datum.ParamDigits]; ok {
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > datum.MaxDigits {
			s.Parameters = without(s.Parameters, datum.ParamDigits)
		}
	}
	l, ok := logicalKinds[s.Name]
	if !ok {
		return
	}
	if l.kind != s.Kind {
		s.Name = ""
	} else if s.Name == data.DecimalName {
		if _, _, err := datum.DecimalOf(s); err != nil {
			s.Name = ""
		}
	}
}

// with returns a copy of m with one more entry.
func with(m map[string]string, key, value string) map[string]string {
	out := make(map[string]string, len(m)+1)
	for k, v := range m {
		out[k] = v
	}
	out[key] = value
	return out
}

// without returns a copy of m without an entry.
func without(m map[string]string, key string) map[string]string {
	out := with(m, key, "")
	delete(out, key)
	return out
}
