package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

func bytesDiffer(java, ours json.RawMessage) []string {
	var a, b struct{ Bytes *[]byte }
	if json.Unmarshal(java, &a) != nil || json.Unmarshal(ours, &b) != nil {
		return []string{"answers without bytes"}
	}
	switch {
	case a.Bytes == nil && b.Bytes == nil:
		return nil
	case a.Bytes == nil:
		return []string{"Java writes null, ours " + looks(*b.Bytes)}
	case b.Bytes == nil:
		return []string{"ours writes null, Java " + looks(*a.Bytes)}
	case bytes.Equal(*a.Bytes, *b.Bytes):
		return nil
	}
	if !json.Valid(*a.Bytes) || !json.Valid(*b.Bytes) {
		return []string{"bytes differ: " + textsDiffer(*a.Bytes, *b.Bytes)}
	}
	x, y := tree(*a.Bytes), tree(*b.Bytes)
	if reflect.DeepEqual(x, y) || reflect.DeepEqual(unordered(x), unordered(y)) {
		return []string{onlyOrder}
	}
	if reflect.DeepEqual(valued(unordered(x)), valued(unordered(y))) {
		return []string{onlyText}
	}
	var out []string
	walkJSON("", unordered(x), unordered(y), func(s string) {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	})
	return out
}

// textsDiffer tells the ways in which Java's toString differs from ours.
func textsDiffer(a, b []byte) string {
	x, y := number.ReplaceAllFunc(a, asFloat), number.ReplaceAllFunc(b, asFloat)
	switch {
	case !utf8.Valid(a) || !utf8.Valid(b):
		return looks(a) + " → " + looks(b)
	case javaDate.Match(a):
		return "the text of a date"
	case bytes.Equal(x, y):
		return "the text of a number"
	}
	slices.Sort(x)
	slices.Sort(y)
	if bytes.Equal(x, y) {
		return "the order of a map"
	}
	return "text"
}

func asFloat(text []byte) []byte {
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return text
	}
	return strconv.AppendFloat(nil, float64(float32(f)), 'g', -1, 64)
}

// unordered sorts lists of pairs, which stand for maps.
func unordered(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, item := range v {
			out[k] = unordered(item)
		}
		return out
	case []any:
		out := make([]any, len(v))
		pairs := len(v) > 0
		for i := range v {
			out[i] = unordered(v[i])
			p, ok := v[i].([]any)
			pairs = pairs && ok && len(p) == 2
		}
		if pairs {
			sort.Slice(out, func(i, j int) bool { return fmt.Sprint(out[i]) < fmt.Sprint(out[j]) })
		}
		return out
	}
	return v
}

// valued writes numbers by their value.
func valued(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, item := range v {
			out[k] = valued(item)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = valued(v[i])
		}
		return out
	case json.Number:
		if f, err := v.Float64(); err == nil && strings.ContainsAny(v.String(), ".eE") {
			return fmt.Sprint("float ", f)
		}
		if r, ok := new(big.Rat).SetString(v.String()); ok {
			return r.RatString()
		}
	}
	return v
}

func walkJSON(path string, a, b any, found func(string)) {
	switch x := a.(type) {
	case map[string]any:
		if y, ok := b.(map[string]any); ok {
			for _, k := range keysOf(x, y) {
				at := path
				if slices.Contains([]string{"schema", "payload", "optional", "default", "version", "name",
					"doc", "parameters", "field", "type"}, k) {
					at += "." + k
				}
				_, inX := x[k]
				if _, inY := y[k]; inX != inY {
					found(fmt.Sprintf("%s: JSON has a key only in ours: %v", at, !inX))
					continue
				}
				walkJSON(at, x[k], y[k], found)
			}
			return
		}
	case []any:
		if y, ok := b.([]any); ok && len(x) == len(y) {
			for i := range x {
				walkJSON(path, x[i], y[i], found)
			}
			return
		}
	}
	if !reflect.DeepEqual(a, b) {
		found(fmt.Sprintf("%s: JSON %s → %s%s", path, jsonLeaf(a), jsonLeaf(b), near(a, b)))
	}
}

// near tells numbers that mean the same float from others.
func near(a, b any) string {
	x, ok1 := a.(json.Number)
	y, ok2 := b.(json.Number)
	if !ok1 || !ok2 {
		return ""
	}
	f, err1 := x.Float64()
	g, err2 := y.Float64()
	switch {
	case err1 != nil || err2 != nil:
		return ""
	case f == g && f == 0:
		return ", the sign of 0"
	case f == g:
		return ", equal as double"
	case float32(f) == float32(g) && strings.ContainsAny(x.String(), ".eE"):
		return ", equal as float"
	}
	return ""
}

func jsonLeaf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case json.Number:
		return "number"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	}
	return fmt.Sprint(v)
}

func looks(b []byte) string {
	switch {
	case len(b) == 0:
		return "nothing"
	case !utf8.Valid(b):
		return "bytes"
	case json.Valid(b):
		return "JSON " + jsonLeaf(tree(b))
	}
	return "text"
}
