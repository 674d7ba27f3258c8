package cases

import (
	"encoding/base64"
	"fmt"
	"math"
	"math/big"
	"sort"
	"strconv"
	"strings"
)

// The names of Connect's logical types.
const (
	logicalPackage = "org.apache.kafka.connect.data."
	DecimalName    = logicalPackage + "Decimal"
	DateName       = logicalPackage + "Date"
	TimeName       = logicalPackage + "Time"
	TimestampName  = logicalPackage + "Timestamp"
)

// DecimalSchema returns the schema of decimals of a scale.
func DecimalSchema(scale int) *Schema {
	return &Schema{Type: "BYTES", Name: DecimalName, Version: 1,
		Params: map[string]string{"scale": strconv.Itoa(scale)}}
}

// LogicalSchema returns the schema of Date, Time or Timestamp.
func LogicalSchema(name string) *Schema {
	if name == TimestampName {
		return &Schema{Type: "INT64", Name: name, Version: 1}
	}
	return &Schema{Type: "INT32", Name: name, Version: 1}
}

// FieldNames are the names that fields and keys of maps have.
var FieldNames = []string{"a", "b", "c", "id", "ts", "msg", "名前", "a.b", "x y", "Ünï", "😀", "A"}

// Schema makes any schema that is depth deep at most.
func (g *Gen) Schema(depth int) *Schema {
	var s *Schema
	n := g.Rand.IntN(16)
	if depth <= 0 {
		n = g.Rand.IntN(13)
	}
	switch n {
	default:
		s = &Schema{Type: Pick(g, "INT8", "INT16", "INT32", "INT64", "FLOAT32", "FLOAT64", "BOOLEAN", "STRING",
			"BYTES")}
	case 9:
		s = DecimalSchema(Pick(g, 0, 1, 2, 2, 5, 18, -2))
	case 10, 11, 12:
		s = LogicalSchema([]string{DateName, TimeName, TimestampName}[n-10])
	case 13:
		s = &Schema{Type: "ARRAY", Elem: g.Schema(depth - 1)}
	case 14:
		key := &Schema{Type: Pick(g, "STRING", "STRING", "STRING", "INT32", "INT64", "BOOLEAN", "INT8")}
		key.Opt = key.Type == "STRING" && g.OptionalKeys && g.Chance(15)
		s = &Schema{Type: "MAP", Key: key, Elem: g.Schema(depth - 1)}
	case 15:
		s = g.StructSchema(depth)
	}
	s.Opt = g.Chance(35)
	if s.Name == "" && g.Chance(10) {
		s.Name = Pick(g, "my.Name", "n", "org.example.名")
		s.Version = g.Rand.IntN(4)
	}
	if g.Chance(5) {
		s.Doc = Pick(g, "a doc", "\"quoted\" & <more>")
	}
	if s.Params == nil && g.Chance(5) {
		s.Params = map[string]string{"p": "v", "q": ""}
	}
	if s.Type != "STRUCT" && s.Type != "ARRAY" && s.Type != "MAP" && g.Chance(15) {
		s.Default = g.Value(s, 1)
	}
	return s
}

// StructSchema makes the schema of a struct with up to five fields.
func (g *Gen) StructSchema(depth int) *Schema {
	s := &Schema{Type: "STRUCT", Fields: []Field{}}
	names := append([]string(nil), FieldNames...)
	g.Rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for _, name := range names[:g.Rand.IntN(6)] {
		s.Fields = append(s.Fields, Field{name, g.Schema(depth - 1)})
	}
	return s
}

// Value makes a value that s allows; null only where it is optional.
func (g *Gen) Value(s *Schema, depth int) any {
	if s.Opt && g.Chance(20) {
		return nil
	}
	if v := g.logical(s); v != nil {
		return v
	}
	if v := g.scalar(s.Type); v != nil {
		return v
	}
	switch s.Type {
	case "ARRAY":
		list := []any{"L"}
		for range g.Rand.IntN(4) {
			list = append(list, g.Value(s.Elem, depth-1))
		}
		return list
	case "MAP":
		m := []any{"M"}
		seen := map[any]bool{}
		for range g.Rand.IntN(4) {
			k := g.Value(s.Key, 0)
			if !seen[k] {
				seen[k] = true
				m = append(m, []any{k, g.Value(s.Elem, depth-1)})
			}
		}
		// Java keeps the order in which typed data is given, we go by the keys.
		sort.Slice(m[1:], func(i, j int) bool { return fmt.Sprint(m[1+i]) < fmt.Sprint(m[1+j]) })
		return m
	}
	v := []any{"S"}
	for _, f := range s.Fields {
		item := g.Value(f.Schema, depth-1)
		v = append(v, []any{f.Name, item})
	}
	return v
}

// logical makes a value of a logical type, nil for other types.
func (g *Gen) logical(s *Schema) any {
	switch s.Name {
	case DecimalName:
		return g.decimal(s)
	case DateName:
		return fmt.Sprintf("t:%d", 86400000*(g.Rand.Int64N(60000)-20000))
	case TimeName:
		return fmt.Sprintf("t:%d", g.Rand.Int64N(86400000))
	case TimestampName:
		return fmt.Sprintf("t:%d", g.Millis())
	}
	return nil
}

// scalar makes a value of a type without parts, nil for other types.
func (g *Gen) scalar(kind string) any {
	switch kind {
	case "INT8":
		return fmt.Sprintf("i8:%d", int8(g.Integer()))
	case "INT16":
		return fmt.Sprintf("i16:%d", int16(g.Integer()))
	case "INT32":
		return fmt.Sprintf("i32:%d", int32(g.Integer()))
	case "INT64":
		return fmt.Sprintf("i64:%d", g.Integer())
	case "FLOAT32":
		return fmt.Sprintf("f32:%08x", math.Float32bits(float32(g.float())))
	case "FLOAT64":
		return fmt.Sprintf("f64:%016x", math.Float64bits(g.float()))
	case "BOOLEAN":
		return g.Chance(50)
	case "STRING":
		return "s:" + g.Text()
	case "BYTES":
		return "b:" + base64.StdEncoding.EncodeToString(g.Bytes())
	}
	return nil
}

// Millis makes a time, mostly of the years 1970 to 2096.
func (g *Gen) Millis() int64 {
	switch g.Rand.IntN(12) {
	case 0:
		return Pick[int64](g, 0, -1, 1, 999, -999, -86400000, 86399999, 951782400000, 1709164800000, 4102444800000)
	case 1:
		return -g.Rand.Int64N(2_000_000_000_000)
	default:
		return g.Rand.Int64N(4_000_000_000_000)
	}
}

// Integer makes a whole number, often an extreme one.
func (g *Gen) Integer() int64 {
	switch g.Rand.IntN(4) {
	case 0:
		return Pick[int64](g, 0, 1, -1, 127, -128, 32767, -32768, math.MaxInt32, math.MinInt32, math.MaxInt64,
			math.MinInt64, 1<<53+1)
	case 1:
		return g.Rand.Int64() - g.Rand.Int64()
	}
	return g.Rand.Int64N(2000) - 1000
}

// float is finite, also as a float32.
func (g *Gen) float() float64 {
	switch g.Rand.IntN(6) {
	case 0:
		return Pick(g, 0, 1, -1, 0.1, 1e7, 9999999, 0.001, 0.0009999, 12345678.9, 1e21, -2.5e-7,
			3.4028234663852886e38, 1.401298464324817e-45, 100)
	case 1:
		f := math.Float32frombits(g.Rand.Uint32())
		if f == f && !math.IsInf(float64(f), 0) {
			return float64(f)
		}
		return 0.5
	case 2:
		return float64(g.Rand.IntN(100000)) / 100
	case 3:
		return float64(g.Rand.IntN(100000))
	}
	return (g.Rand.Float64() - 0.5) * math.Pow(10, float64(g.Rand.IntN(30)-10))
}

func (g *Gen) decimal(s *Schema) any {
	scale, _ := strconv.Atoi(s.Params["scale"])
	n := big.NewInt(g.Integer())
	if g.Chance(20) {
		n.Mul(n, big.NewInt(g.Rand.Int64()))
		n.Mul(n, big.NewInt(g.Rand.Int64()))
	}
	return decNotation(n, scale)
}

// decNotation writes n without trailing zeros.
func decNotation(n *big.Int, scale int) string {
	if n.Sign() == 0 {
		return "dec:0e0"
	}
	exp, ten := -scale, big.NewInt(10)
	for {
		q, m := new(big.Int).QuoRem(n, ten, new(big.Int))
		if m.Sign() != 0 {
			return fmt.Sprintf("dec:%se%d", n, exp)
		}
		n = q
		exp++
	}
}

// Text makes text, often with characters that need care.
func (g *Gen) Text() string {
	switch g.Rand.IntN(10) {
	case 0:
		return ""
	case 1:
		return Pick(g, "水路", "😀 smile", "Ünï\u00e9", "\u2028\u2029", "a\tb\nc", "\"quoted\"", "back\\slash",
			"\x00\x1f\x7f", "e\u0301", "\ufeffbom", "</script>&", "\u00a0")
	case 2:
		return strings.Repeat("x", g.Rand.IntN(200))
	case 3:
		return Pick(g, "true", "null", "123", "1.5", "2026-01-02", "NaN", "{}", "[1]")
	}
	var b strings.Builder
	for range g.Rand.IntN(12) {
		b.WriteByte("abcdefghijklmnopqrstuvwxyz ABC0123456789-_.:/"[g.Rand.IntN(45)])
	}
	return b.String()
}

// Bytes makes up to eight bytes.
func (g *Gen) Bytes() []byte {
	b := make([]byte, g.Rand.IntN(9))
	for i := range b {
		b[i] = byte(g.Rand.Uint32())
	}
	return b
}

// Values has values of every tag, for every type.
var Values = []any{
	nil, true, false, "i8:-128", "i16:-32768", "i32:2147483647", "i32:5", "i64:9223372036854775807", "i64:5",
	"f32:3f800000", "f32:7fc00000", "f32:7f800000", "f32:00000001", "f32:3dcccccd",
	"f64:3ff8000000000000", "f64:7ff8000000000000", "f64:7ff0000000000000", "f64:fff0000000000000",
	"f64:8000000000000000", "f64:0000000000000001", "f64:416312d000000000",
	"f64:3f50624dd2f1a9fc", "f64:7fefffffffffffff", "f64:4341c37937e08000", "f64:44b52d02c7e14af6", "s:",
	"s:text", "s:水路 😀", "s:\u0000\t\"\\/\u2028\u007f", "b:", "b:AP+A", "b:aGk=",
	"dec:0e0", "dec:15e-1", "dec:-125e-2", "dec:1e3", "dec:123456789012345678901234567890e-2", "t:0", "t:-1",
	"t:86399999", "t:1700000000123", "t:-62135596800000",
	[]any{"L"}, []any{"L", "i8:1", nil}, []any{"M"}, []any{"M", []any{"s:a", "i8:1"}}, []any{"M",
		[]any{"s:a", nil},
		[]any{"s:b", "i8:2"}}}
