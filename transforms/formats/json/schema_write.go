package json

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/jsontext"
)

// typeNames are JsonSchema's names of the kinds.
var typeNames = map[data.Kind]string{
	data.Int8: "int8", data.Int16: "int16", data.Int32: "int32", data.Int64: "int64",
	data.Float32: "float", data.Float64: "double", data.Boolean: "boolean", data.String: "string",
	data.Bytes: "bytes", data.Array: "array", data.Map: "map", data.Struct: "struct",
}

// AppendSchema appends the JSON text of s, null for a nil one, as Kafka Connect's
// JsonConverter writes it. Defaults are written in the form given.
func AppendSchema(dst []byte, s *data.Schema, form data.JSONOptions) ([]byte, error) {
	return schemaWriter{form}.append(dst, s, "")
}

type schemaWriter struct{ form data.JSONOptions }

// append writes the type, what it is made of, then what is said about it, and
// the name of the field it belongs to, which is the order of the Java converter.
func (w schemaWriter) append(b []byte, s *data.Schema, field string) ([]byte, error) {
	if s == nil {
		return append(b, "null"...), nil
	}
	b = append(append(append(b, `{"type":"`...), typeNames[s.Kind]...), '"')
	var err error
	switch s.Kind {
	case data.Array:
		b, err = w.append(append(b, `,"items":`...), s.Elem, "")
	case data.Map:
		if b, err = w.append(append(b, `,"keys":`...), s.Key, ""); err == nil {
			b, err = w.append(append(b, `,"values":`...), s.Elem, "")
		}
	case data.Struct:
		b, err = w.fields(b, s)
	}
	if err != nil {
		return b, err
	}
	b = strconv.AppendBool(append(b, `,"optional":`...), s.Optional)
	if s.Name != "" {
		b = jsontext.AppendString(append(b, `,"name":`...), s.Name)
	}
	if s.Version != 0 {
		b = strconv.AppendInt(append(b, `,"version":`...), int64(s.Version), 10)
	}
	if s.Doc != "" {
		b = jsontext.AppendString(append(b, `,"doc":`...), s.Doc)
	}
	b = appendParameters(b, s.Parameters)
	if s.Default != nil {
		if b, err = data.AppendJSON(append(b, `,"default":`...), s, s.Default, w.form); err != nil {
			return b, fmt.Errorf("default: %w", err)
		}
	}
	if field != "" {
		b = jsontext.AppendString(append(b, `,"field":`...), field)
	}
	return append(b, '}'), nil
}

func (w schemaWriter) fields(b []byte, s *data.Schema) ([]byte, error) {
	b = append(b, `,"fields":[`...)
	for i, f := range s.Fields {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = w.append(b, f.Schema, f.Name); err != nil {
			return b, data.InField(f.Name, err)
		}
	}
	return append(b, ']'), nil
}

func appendParameters(b []byte, m map[string]string) []byte {
	if len(m) == 0 {
		return b
	}
	b = append(b, `,"parameters":{`...)
	for i, k := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(jsontext.AppendString(b, k), ':')
		b = jsontext.AppendString(b, m[k])
	}
	return append(b, '}')
}
