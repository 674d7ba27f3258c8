package avro

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro/internal/datum"
)

// readProperties reads what stands beside a type: its doc, what Confluent's
// converter writes about Connect's schema, and the logical type. What cannot be
// used is passed over, so that the data can be read as what it is underneath.
func readProperties(s *data.Schema, raw map[string]any) {
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
		setDefault(s, d)
	}
}

// readParameters reads the parameters of Connect's schema, and the properties
// that begin with avro, as avro.java.string, which Confluent's converter makes
// parameters of. None of them may change how bytes are read.
func readParameters(s *data.Schema, raw map[string]any) {
	set := func(k string, v any) {
		if text, ok := v.(string); ok && !slices.Contains(datum.Layout, k) {
			s.Parameters = with(s.Parameters, k, text)
		}
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

// readLogical reads raw's logicalType. One that Connect has no type for is kept in
// a parameter, its values staying what they are underneath; by Avro's rule, so
// is one that does not fit the type it stands beside.
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

// readDecimal reads precision and scale. One that Avro forbids, as with a scale
// above the precision, is bytes, unless connect.name says that Connect wrote it,
// whose decimals have any scale.
func readDecimal(s *data.Schema, raw map[string]any) {
	scale, hasScale := integer(raw["scale"])
	precision, hasPrecision := integer(raw["precision"])
	fits := hasPrecision && precision >= 1 && precision <= datum.MostDigits
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

// logicalKinds are the types below Connect's logical ones, and Avro's names.
var logicalKinds = map[string]struct {
	kind data.Kind
	name string
}{
	data.DateName:      {data.Int32, "date"},
	data.TimeName:      {data.Int32, "time-millis"},
	data.TimestampName: {data.Int64, "timestamp-millis"},
	data.DecimalName:   {data.Bytes, "decimal"},
}

// dropUnusable drops the name of a logical type that does not fit, and a
// precision that is no number: the value is then what it is underneath.
func dropUnusable(s *data.Schema) {
	if p, ok := s.Parameters[datum.ParamDigits]; ok {
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > datum.MostDigits {
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

// with returns m with one more entry; m itself may be shared and stays as it is.
func with(m map[string]string, key, value string) map[string]string {
	out := make(map[string]string, len(m)+1)
	for k, v := range m {
		out[k] = v
	}
	out[key] = value
	return out
}

// without is the reverse of with.
func without(m map[string]string, key string) map[string]string {
	out := with(m, key, "")
	delete(out, key)
	return out
}
