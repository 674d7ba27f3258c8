package answer

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/scripts/oracle/internal/cases"
)

var kinds = map[string]data.Kind{
	"INT8": data.Int8, "INT16": data.Int16, "INT32": data.Int32, "INT64": data.Int64,
	"FLOAT32": data.Float32, "FLOAT64": data.Float64, "BOOLEAN": data.Boolean, "STRING": data.String,
	"BYTES": data.Bytes, "ARRAY": data.Array, "MAP": data.Map, "STRUCT": data.Struct,
}

// dumpSchema writes a schema in the oracle's notation.
func dumpSchema(s *data.Schema) any {
	if s == nil {
		return nil
	}
	o := map[string]any{"type": s.Kind.String()}
	if s.Optional {
		o["optional"] = true
	}
	if s.Name != "" {
		o["name"] = s.Name
	}
	if s.Version != 0 {
		o["version"] = s.Version
	}
	if s.Doc != "" {
		o["doc"] = s.Doc
	}
	if len(s.Parameters) > 0 {
		o["params"] = s.Parameters
	}
	if s.Default != nil {
		o["default"] = dumpValue(s, s.Default)
	}
	switch s.Kind {
	case data.Struct:
		fields := []any{}
		for _, f := range s.Fields {
			fields = append(fields, map[string]any{"name": f.Name, "schema": dumpSchema(f.Schema)})
		}
		o["fields"] = fields
	case data.Map:
		o["key"], o["elem"] = dumpSchema(s.Key), dumpSchema(s.Elem)
	case data.Array:
		o["elem"] = dumpSchema(s.Elem)
	}
	return o
}

// dumpValue writes a value in the oracle's notation. The schema
// only tells a struct from a map.
func dumpValue(s *data.Schema, v any) any {
	switch v := v.(type) {
	case string:
		if !utf8.ValidString(v) {
			return "s8:" + base64.StdEncoding.EncodeToString([]byte(v))
		}
		return "s:" + v
	case []byte:
		return "b:" + base64.StdEncoding.EncodeToString(v)
	case json.Number:
		return "num:" + v.String()
	case *big.Rat:
		return dumpRat(v)
	case time.Time:
		return dumpTime(v)
	case []any:
		list := []any{"L"}
		for _, item := range v {
			list = append(list, dumpValue(elemOf(s), item))
		}
		return list
	case map[string]any:
		if s != nil && s.Kind == data.Struct {
			return dumpStruct(s, v)
		}
		return dumpMap(s, pairsOf(v))
	case map[any]any:
		return dumpMap(s, pairsOf(v))
	case data.Pairs:
		return dumpMap(s, v)
	}
	return dumpNumber(v)
}

func dumpNumber(v any) any {
	switch v := v.(type) {
	case nil:
		return nil
	case bool:
		return v
	case int8:
		return fmt.Sprintf("i8:%d", v)
	case int16:
		return fmt.Sprintf("i16:%d", v)
	case int32:
		return fmt.Sprintf("i32:%d", v)
	case int64:
		return fmt.Sprintf("i64:%d", v)
	case float32:
		if v != v {
			return "f32:7fc00000"
		}
		return fmt.Sprintf("f32:%08x", math.Float32bits(v))
	case float64:
		if v != v {
			return "f64:7ff8000000000000"
		}
		return fmt.Sprintf("f64:%016x", math.Float64bits(v))
	}
	return fmt.Sprintf("class:%T", v)
}

func elemOf(s *data.Schema) *data.Schema {
	if s == nil {
		return nil
	}
	return s.Elem
}

func keyOf(s *data.Schema) *data.Schema {
	if s == nil {
		return nil
	}
	return s.Key
}

func dumpStruct(s *data.Schema, m map[string]any) any {
	list := []any{"S"}
	known := map[string]bool{}
	for _, f := range s.Fields {
		known[f.Name] = true
		list = append(list, []any{f.Name, dumpValue(f.Schema, m[f.Name])})
	}
	for k, v := range m {
		if !known[k] {
			list = append(list, []any{"not in the schema: " + k, dumpValue(nil, v)})
		}
	}
	return list
}

func pairsOf[K comparable](m map[K]any) data.Pairs {
	pairs := make(data.Pairs, 0, len(m))
	for k, v := range m {
		pairs = append(pairs, data.Pair{Key: k, Value: v})
	}
	return pairs
}

func dumpMap(s *data.Schema, pairs data.Pairs) any {
	type entry struct {
		sort string
		pair any
	}
	var entries []entry
	for _, p := range pairs {
		key := dumpValue(keyOf(s), p.Key)
		text, _ := json.Marshal(key)
		entries = append(entries, entry{string(text), []any{key, dumpValue(elemOf(s), p.Value)}})
	}
	sort.Slice(entries, func(i, j int) bool { return entries[i].sort < entries[j].sort })
	list := []any{"M"}
	for _, e := range entries {
		list = append(list, e.pair)
	}
	return list
}

// dumpRat writes a decimal without trailing zeros, as digits and an exponent.
func dumpRat(r *big.Rat) any {
	if r.Sign() == 0 {
		return "dec:0e0"
	}
	exp, ten := 0, big.NewInt(10)
	n, d := new(big.Int).Set(r.Num()), new(big.Int).Set(r.Denom())
	for d.Cmp(big.NewInt(1)) != 0 {
		if exp < -20_000 {
			return "class:no decimal " + r.RatString()
		}
		scaled := new(big.Rat).SetFrac(new(big.Int).Mul(n, ten), d)
		n, d = new(big.Int).Set(scaled.Num()), new(big.Int).Set(scaled.Denom())
		exp--
	}
	for {
		q, m := new(big.Int).QuoRem(n, ten, new(big.Int))
		if m.Sign() != 0 {
			break
		}
		n = q
		exp++
	}
	return fmt.Sprintf("dec:%se%d", n, exp)
}

func dumpTime(t time.Time) any {
	out := fmt.Sprintf("t:%d", t.UnixMilli())
	if rest := t.Sub(time.UnixMilli(t.UnixMilli())); rest != 0 {
		out += fmt.Sprintf("+%dns", rest.Nanoseconds())
	}
	if t.Location() != time.UTC {
		out += "@" + t.Location().String()
	}
	return out
}

// parseSchema makes a schema of one in the oracle's notation.
func parseSchema(s *cases.Schema) (*data.Schema, error) {
	if s == nil {
		return nil, nil
	}
	out := &data.Schema{Kind: kinds[s.Type], Optional: s.Opt, Name: s.Name, Version: s.Version, Doc: s.Doc,
		Parameters: s.Params}
	var err error
	if out.Key, err = parseSchema(s.Key); err != nil {
		return nil, err
	}
	if out.Elem, err = parseSchema(s.Elem); err != nil {
		return nil, err
	}
	for _, f := range s.Fields {
		fs, err := parseSchema(f.Schema)
		if err != nil {
			return nil, err
		}
		out.Fields = append(out.Fields, data.Field{Name: f.Name, Schema: fs})
	}
	if s.Default != nil {
		out.Default, err = parseValue(out, s.Default)
	}
	return out, err
}

// parseValue makes a value of one in the oracle's notation.
func parseValue(s *data.Schema, v any) (any, error) {
	switch v := v.(type) {
	case nil, bool:
		return v, nil
	case string:
		tag, text, _ := strings.Cut(v, ":")
		return parseScalar(tag, text)
	case []any:
		switch v[0] {
		case "L":
			list := []any{}
			for _, item := range v[1:] {
				parsed, err := parseValue(elemOf(s), item)
				if err != nil {
					return nil, err
				}
				list = append(list, parsed)
			}
			return list, nil
		case "S":
			return parseStruct(s, v[1:])
		case "M":
			return parseMap(s, v[1:])
		}
	}
	return nil, fmt.Errorf("notation %v", v)
}

func parseStruct(s *data.Schema, pairs []any) (any, error) {
	m := map[string]any{}
	for _, f := range s.Fields {
		m[f.Name] = nil
	}
	for _, p := range pairs {
		name := p.([]any)[0].(string)
		f := s.Field(name)
		if f == nil {
			return nil, fmt.Errorf("no field %s", name)
		}
		v, err := parseValue(f.Schema, p.([]any)[1])
		if err != nil {
			return nil, err
		}
		m[name] = v
	}
	return m, nil
}

// parseMap makes a map as package data has it for such keys.
func parseMap(s *data.Schema, pairs []any) (any, error) {
	var out data.Pairs
	text, hashable := true, true
	for _, p := range pairs {
		k, err := parseValue(keyOf(s), p.([]any)[0])
		if err != nil {
			return nil, err
		}
		v, err := parseValue(elemOf(s), p.([]any)[1])
		if err != nil {
			return nil, err
		}
		out = append(out, data.Pair{Key: k, Value: v})
		_, isText := k.(string)
		text = text && isText
		switch k.(type) {
		case []byte, *big.Rat, []any, map[string]any, map[any]any, data.Pairs:
			hashable = false
		}
	}
	if !hashable {
		return out, nil
	}
	m, named := map[any]any{}, map[string]any{}
	for _, p := range out {
		m[p.Key] = p.Value
		if name, ok := p.Key.(string); ok {
			named[name] = p.Value
		}
	}
	if text && (s == nil || s.Key == nil || s.Key.Kind == data.String) {
		return named, nil
	}
	return m, nil
}

func parseScalar(tag, text string) (any, error) {
	switch tag {
	case "i8", "i16", "i32", "i64":
		n, err := strconv.ParseInt(text, 10, 64)
		switch tag {
		case "i8":
			return int8(n), err
		case "i16":
			return int16(n), err
		case "i32":
			return int32(n), err
		}
		return n, err
	case "f32":
		n, err := strconv.ParseUint(text, 16, 32)
		return math.Float32frombits(uint32(n)), err
	case "f64":
		n, err := strconv.ParseUint(text, 16, 64)
		return math.Float64frombits(n), err
	case "s":
		return text, nil
	case "b":
		b, err := base64.StdEncoding.DecodeString(text)
		if b == nil {
			b = []byte{}
		}
		return b, err
	case "big":
		return json.Number(text), nil
	case "t":
		n, err := strconv.ParseInt(text, 10, 64)
		return time.UnixMilli(n).UTC(), err
	case "dec":
		r, ok := new(big.Rat).SetString(text)
		if !ok {
			return nil, fmt.Errorf("decimal %s", text)
		}
		return r, nil
	}
	return nil, fmt.Errorf("tag %s", tag)
}
