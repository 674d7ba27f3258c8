package cases

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf16"
)

var jsonTypes = map[string]string{
	"INT8": "int8", "INT16": "int16", "INT32": "int32", "INT64": "int64", "FLOAT32": "float", "FLOAT64": "double",
	"BOOLEAN": "boolean", "STRING": "string", "BYTES": "bytes", "ARRAY": "array", "MAP": "map", "STRUCT": "struct",
}

// SchemaJSON writes a schema the way an envelope holds it.
func (g *Gen) SchemaJSON(s *Schema, field string) string {
	if s == nil {
		return "null"
	}
	parts := []string{`"type":"` + jsonTypes[s.Type] + `"`}
	if s.Opt || g.Chance(50) {
		parts = append(parts, fmt.Sprintf(`"optional":%v`, s.Opt))
	}
	if s.Name != "" {
		parts = append(parts, `"name":`+g.StringJSON(s.Name))
	}
	if s.Version != 0 {
		parts = append(parts, fmt.Sprintf(`"version":%d`, s.Version))
	}
	if s.Doc != "" {
		parts = append(parts, `"doc":`+g.StringJSON(s.Doc))
	}
	if len(s.Params) > 0 {
		b, _ := json.Marshal(s.Params)
		parts = append(parts, `"parameters":`+string(b))
	}
	if s.Default != nil {
		parts = append(parts, `"default":`+g.ValueJSON(s, s.Default))
	}
	switch s.Type {
	case "ARRAY":
		parts = append(parts, `"items":`+g.SchemaJSON(s.Elem, ""))
	case "MAP":
		parts = append(parts, `"keys":`+g.SchemaJSON(s.Key, ""), `"values":`+g.SchemaJSON(s.Elem, ""))
	case "STRUCT":
		var fields []string
		for _, f := range s.Fields {
			fields = append(fields, g.SchemaJSON(f.Schema, f.Name))
		}
		parts = append(parts, `"fields":[`+strings.Join(fields, ",")+`]`)
	}
	if field != "" {
		parts = append(parts, `"field":`+g.StringJSON(field))
	}
	g.Rand.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	return "{" + strings.Join(parts, ","+g.space()) + "}"
}

func (g *Gen) space() string {
	if g.Chance(95) {
		return ""
	}
	return Pick(g, " ", "\n", "\t", "  \r\n")
}

// StringJSON writes text, now and then in escapes alone.
func (g *Gen) StringJSON(s string) string {
	if g.Chance(90) {
		var b strings.Builder
		_ = Encoder(&b).Encode(s)
		return strings.TrimSpace(b.String())
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, `\u%04x`, u)
	}
	return b.String() + `"`
}

// ValueJSON writes a value of s the way JsonConverter reads it. Floats that JSON
// has no number for are texts.
func (g *Gen) ValueJSON(s *Schema, v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return fmt.Sprint(v)
	case string:
		return g.scalarJSON(s, v)
	case []any:
		return g.space() + g.listJSON(s, v) + g.space()
	}
	return "?"
}

func (g *Gen) scalarJSON(s *Schema, v string) string {
	tag, text, _ := strings.Cut(v, ":")
	switch tag {
	case "f32":
		n, _ := strconv.ParseUint(text, 16, 32)
		return g.FloatJSON(float64(math.Float32frombits(uint32(n))), 32)
	case "f64":
		n, _ := strconv.ParseUint(text, 16, 64)
		return g.FloatJSON(math.Float64frombits(n), 64)
	case "s":
		return g.StringJSON(text)
	case "b":
		return `"` + text + `"`
	case "t":
		n, _ := strconv.ParseInt(text, 10, 64)
		if s != nil && s.Name == DateName {
			n /= 86400000
		}
		return strconv.FormatInt(n, 10)
	case "dec":
		return g.decimalJSON(s, text)
	}
	return text
}

func (g *Gen) decimalJSON(s *Schema, text string) string {
	r, _ := new(big.Rat).SetString(text)
	scale := 0
	if s != nil {
		scale, _ = strconv.Atoi(s.Params["scale"])
	}
	if g.Chance(20) && scale >= 0 {
		return r.FloatString(scale)
	}
	power := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(scale, -scale))), nil))
	if scale < 0 {
		power.Inv(power)
	}
	n := r.Mul(r, power).Num()
	return `"` + base64.StdEncoding.EncodeToString(complement(n)) + `"`
}

// complement writes n as the fewest bytes of two's complement.
func complement(n *big.Int) []byte {
	for size := 1; ; size++ {
		limit := new(big.Int).Lsh(big.NewInt(1), uint(size*8-1))
		if n.Cmp(limit) >= 0 || n.Cmp(new(big.Int).Neg(limit)) < 0 {
			continue
		}
		m := new(big.Int).Set(n)
		if n.Sign() < 0 {
			m.Add(m, new(big.Int).Lsh(big.NewInt(1), uint(size*8)))
		}
		return m.FillBytes(make([]byte, size))
	}
}

// FloatJSON writes a float in one of the forms that JSON has.
func (g *Gen) FloatJSON(f float64, bits int) string {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return `"NaN"`
	case g.Chance(20):
		return strconv.FormatFloat(f, 'e', -1, bits)
	case !g.BigNumbers && math.Abs(f) > 1e18:
		return strconv.FormatFloat(f, 'e', -1, bits)
	case math.Abs(f) < 1e25 && (f == 0 || math.Abs(f) > 1e-12):
		return strconv.FormatFloat(f, 'f', -1, bits)
	}
	return strconv.FormatFloat(f, 'E', -1, bits)
}

func (g *Gen) listJSON(s *Schema, v []any) string {
	var elem, key *Schema
	if s != nil {
		elem, key = s.Elem, s.Key
	}
	var items []string
	switch v[0] {
	case "L":
		for _, item := range v[1:] {
			items = append(items, g.ValueJSON(elem, item))
		}
		return "[" + strings.Join(items, ",") + "]"
	case "M":
		object := key == nil || key.Type == "STRING" && !key.Opt
		for _, p := range v[1:] {
			k, item := p.([]any)[0], g.ValueJSON(elem, p.([]any)[1])
			if object {
				items = append(items, g.StringJSON(strings.TrimPrefix(k.(string), "s:"))+":"+item)
			} else {
				items = append(items, "["+g.ValueJSON(key, k)+","+item+"]")
			}
		}
		if object {
			return "{" + strings.Join(items, ",") + "}"
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	for _, p := range v[1:] {
		name := p.([]any)[0].(string)
		item := p.([]any)[1]
		var fs *Schema
		for _, f := range s.Fields {
			if f.Name == name {
				fs = f.Schema
			}
		}
		if item == nil && g.Chance(50) {
			continue
		}
		items = append(items, g.StringJSON(name)+":"+g.ValueJSON(fs, item))
	}
	g.Rand.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
	return "{" + strings.Join(items, ",") + "}"
}

// PlainJSON makes any JSON value as text.
func (g *Gen) PlainJSON(depth int) string {
	n := g.Rand.IntN(10)
	if depth <= 0 {
		n = g.Rand.IntN(7)
	}
	switch n {
	case 0:
		return "null"
	case 1:
		return Pick(g, "true", "false")
	case 2, 3:
		return g.StringJSON(g.Text())
	case 4:
		return strconv.FormatInt(g.Integer(), 10)
	case 5:
		return g.FloatJSON(g.float(), 64)
	case 6:
		return strconv.Itoa(g.Rand.IntN(1000))
	case 7:
		var items []string
		for range g.Rand.IntN(4) {
			items = append(items, g.space()+g.PlainJSON(depth-1))
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	return g.ObjectJSON(depth)
}

// ObjectJSON makes an object, in which a key may repeat.
func (g *Gen) ObjectJSON(depth int) string {
	var items []string
	seen := map[string]bool{}
	for range g.Rand.IntN(6) {
		name := Pick(g, FieldNames...)
		if seen[name] && !g.Chance(10) {
			continue
		}
		seen[name] = true
		items = append(items, g.StringJSON(name)+g.space()+":"+g.space()+g.PlainJSON(depth-1))
	}
	return "{" + strings.Join(items, ","+g.space()) + "}"
}

// Broken changes a little in a text of JSON, so that it means something else or nothing.
func (g *Gen) Broken(text string) string {
	words := []string{`"int32"`, `"string"`, `"optional"`, `"payload"`, `true`, `null`, `1`, `"a"`, `"bytes"`,
		`:`, `,`, `"`}
	switch g.Rand.IntN(4) {
	case 0:
		return text[:g.Rand.IntN(len(text)+1)]
	case 1:
		i := g.Rand.IntN(len(text) + 1)
		return text[:i] + Pick(g, "x", ",", "}", "]", `"`, "0", "-", " ", "1", "\x00", ":", "{") + text[i:]
	case 2:
		i := g.Rand.IntN(len(text))
		return text[:i] + text[i+1:]
	}
	from := Pick(g, words...)
	return strings.Replace(text, from, Pick(g, `"int64"`, `5`, `null`, `"x"`, `{}`, `[]`, `true`,
		`"`+base64.StdEncoding.EncodeToString(g.Bytes())+`"`), 1)
}
