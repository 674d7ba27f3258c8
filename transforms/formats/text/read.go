package text

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/jsontext"
)

// Parse reads text by what it looks like. The schema is nil for null alone.
func Parse(text string) (*data.Schema, any) {
	trimmed := trim(text)
	if trimmed == "" {
		return stringSchema, text
	}
	if trimmed[0] == '[' || trimmed[0] == '{' {
		p := parser{text: trimmed}
		if v, err := p.value(); err == nil && p.at == len(trimmed) {
			return v.schema, v.value
		}
		return stringSchema, text
	}
	if v, ok := scalar(trimmed); ok {
		return v.schema, v.value
	}
	return stringSchema, text
}

// trim removes what Java's String.trim removes.
func trim(s string) string { return strings.TrimFunc(s, func(r rune) bool { return r <= ' ' }) }

var (
	stringSchema    = &data.Schema{Kind: data.String}
	boolSchema      = &data.Schema{Kind: data.Boolean}
	dateSchema      = &data.Schema{Kind: data.Int32, Name: data.DateName, Version: 1}
	timeSchema      = &data.Schema{Kind: data.Int32, Name: data.TimeName, Version: 1}
	timestampSchema = &data.Schema{Kind: data.Int64, Name: data.TimestampName, Version: 1}
	numberSchemas   = [...]*data.Schema{data.Int8: {Kind: data.Int8}, data.Int16: {Kind: data.Int16},
		data.Int32: {Kind: data.Int32},
		data.Int64: {Kind: data.Int64}, data.Float32: {Kind: data.Float32}, data.Float64: {Kind: data.Float64}}
)

// parsed is a value and its schema, which is nil for null.
type parsed struct {
	schema *data.Schema
	value  any
}

// scalar reads a text that is not a list, a map or a string.
func scalar(s string) (parsed, bool) {
	switch s {
	case "null":
		return parsed{}, true
	case "true":
		return parsed{boolSchema, true}, true
	case "false":
		return parsed{boolSchema, false}, true
	}
	if s == "" || s[0] != '-' && s[0] != '+' && (s[0] < '0' || s[0] > '9') {
		return parsed{}, false
	}
	if v, ok := temporal(s); ok {
		return v, true
	}
	return number(s)
}

// temporal reads a date, a time or a timestamp, in which colons may be escaped.
// Package time would take a comma for the point before the milliseconds.
func temporal(s string) (parsed, bool) {
	if strings.Contains(s, ",") {
		return parsed{}, false
	}
	s = strings.ReplaceAll(s, `\:`, ":")
	for _, form := range []struct {
		layout string
		schema *data.Schema
	}{{dateLayout, dateSchema}, {timeLayout, timeSchema}, {timestampLayout, timestampSchema}} {
		if len(s) != len(form.layout) {
			continue
		}
		t, err := time.Parse(form.layout, s)
		if err != nil {
			return parsed{}, false
		}
		if form.schema == timeSchema {
			t = t.AddDate(1970, 0, 0) // the layout has no date, which is year 0
		}
		return parsed{form.schema, t}, true
	}
	return parsed{}, false
}

// number reads a decimal number as Java's BigDecimal does.
func number(s string) (parsed, bool) {
	if strings.HasPrefix(s, "+-") {
		return parsed{}, false
	}
	digits := strings.TrimPrefix(s, "+")
	_, fraction, _ := strings.Cut(digits, ".")
	if fraction == "" || fraction[0]|0x20 == 'e' {
		digits = strings.Replace(digits, ".", "", 1) // 5. and 5.e3 are numbers to Java
	}
	trimmed := strings.TrimLeft(strings.TrimPrefix(digits, "-"), "0")
	if trimmed == "" || trimmed[0] < '0' || trimmed[0] > '9' {
		trimmed = "0" + trimmed
	}
	ok, _ := jsontext.IsNumber([]byte(trimmed))
	if !ok || len(s) > maxDigits || !strings.ContainsAny(mantissa(digits), "0123456789") {
		return parsed{}, false
	}
	if i := strings.IndexAny(digits, "eE"); i >= 0 {
		if e, err := strconv.Atoi(digits[i+1:]); err != nil || e > maxDigits || e < -maxDigits {
			return parsed{}, false
		}
	}
	exact, ok := new(big.Rat).SetString(digits)
	if !ok {
		return parsed{}, false
	}
	return smallest(exact, scaleOf(digits)), true
}

// maxDigits is how long a number may be, and how large its exponent.
const maxDigits = 10_000

// mantissa returns what stands before the exponent.
func mantissa(digits string) string {
	if i := strings.IndexAny(digits, "eE"); i >= 0 {
		return digits[:i]
	}
	return digits
}

// scaleOf returns the number of decimals that a number is written with.
func scaleOf(digits string) int {
	m := mantissa(digits)
	_, fraction, _ := strings.Cut(m, ".")
	exponent := 0
	if len(m) < len(digits) {
		exponent, _ = strconv.Atoi(digits[len(m)+1:])
	}
	return len(fraction) - exponent
}

// smallest gives a number the smallest type that holds it. A whole number
// beyond INT64 that is written without fraction or exponent is a Decimal.
func smallest(exact *big.Rat, scale int) parsed {
	if exact.IsInt() && exact.Num().IsInt64() {
		n := exact.Num().Int64()
		for k := data.Int8; k <= data.Int64; k++ {
			if k.Fits(n) {
				return parsed{numberSchemas[k], k.Sized(n)}
			}
		}
	}
	if scale != 0 {
		f, _ := exact.Float32()
		if shown, ok := new(big.Rat).SetString(strconv.FormatFloat(float64(f), 'e', -1, 32)); ok && shown.Cmp(exact) == 0 {
			return parsed{numberSchemas[data.Float32], f}
		}
		if f, _ := exact.Float64(); !math.IsInf(f, 0) {
			return parsed{numberSchemas[data.Float64], f}
		}
	}
	return parsed{&data.Schema{Kind: data.Bytes, Name: data.DecimalName, Version: 1,
		Parameters: map[string]string{"scale": strconv.Itoa(scale)}}, exact}
}

// errShape is why a text is not a list or a map. Nobody sees it: the text is a
// string then.
var errShape = errors.New("not a list or a map")

// maxDepth is how deep lists and maps may be nested.
const maxDepth = 1000

// parser reads a list or a map.
type parser struct {
	text   string
	at     int
	depth  int
	digits int // of the numbers with more than longNumber digits
}

// A number of a few characters may stand for ten thousand digits, and a list for many
// such numbers. A list or a map with more than maxLong digits in long numbers is a
// string.
const (
	longNumber = 400 // more digits than a FLOAT64 has before or after the point
	maxLong    = 100_000
)

// count counts the digits of a number, and reports whether they are too many.
func (p *parser) count(number string) bool {
	digits := len(number)
	if i := strings.IndexAny(number, "eE"); i >= 0 {
		e, _ := strconv.Atoi(number[i+1:])
		digits += max(e, -e)
	}
	if digits > longNumber {
		p.digits += digits
	}
	return p.digits > maxLong
}

func (p *parser) value() (parsed, error) {
	switch c := p.peek(); c {
	case '[':
		return p.nested(p.list)
	case '{':
		return p.nested(p.mapping)
	case '"':
		return p.quoted()
	}
	if v, ok := p.temporal(); ok {
		return v, nil
	}
	end := p.find(`,]}{[":`)
	text := trim(p.text[p.at:end])
	v, ok := scalar(text)
	if !ok || p.count(text) {
		return parsed{}, errShape
	}
	p.at = end
	return v, nil
}

// temporal reads a date, a time or a timestamp. Its colons may be escaped, so that
// as the key of a map it ends before the first or the third colon that is not.
func (p *parser) temporal() (parsed, bool) {
	end := p.find(`,]}{["`)
	for range 4 {
		if v, ok := temporal(trim(p.text[p.at:end])); ok {
			p.at = end
			return v, true
		}
		colon := strings.LastIndexByte(p.text[p.at:end], ':')
		if colon < 0 {
			break
		}
		end = p.at + colon
	}
	return parsed{}, false
}

// peek passes over blanks and returns the byte that follows, 0 at the end.
func (p *parser) peek() byte {
	for ; p.at < len(p.text); p.at++ {
		if c := p.text[p.at]; c > ' ' {
			return c
		}
	}
	return 0
}

// find returns where the first byte of set is that no backslash escapes.
func (p *parser) find(set string) int {
	for i := p.at; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == '\\':
			i++
		case strings.IndexByte(set, c) >= 0:
			return i
		}
	}
	return len(p.text)
}

func (p *parser) nested(read func() (parsed, error)) (parsed, error) {
	if p.depth == maxDepth {
		return parsed{}, errShape
	}
	p.depth++
	p.at++
	v, err := read()
	p.depth--
	return v, err
}

// quoted reads a string, which may hold a time.
func (p *parser) quoted() (parsed, error) {
	p.at++
	end := p.find(`"`)
	if end == len(p.text) {
		return parsed{}, errShape
	}
	content := p.text[p.at:end]
	p.at = end + 1
	if v, ok := temporal(content); ok {
		return v, nil
	}
	return parsed{stringSchema, strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(content)}, nil
}

// end passes over a comma or the closing bracket and reports whether it was the
// bracket. A comma may stand before the bracket.
func (p *parser) end(closing byte) (bool, error) {
	c := p.peek()
	if c != ',' && c != closing {
		return false, errShape
	}
	p.at++
	return c == closing, nil
}

func (p *parser) list() (parsed, error) {
	list, common := []any{}, merger{}
	for closed := false; !closed; {
		if p.peek() == ']' {
			p.at++
			break
		}
		v, err := p.value()
		if err != nil {
			return parsed{}, err
		}
		common.add(v)
		list = append(list, v.value)
		if closed, err = p.end(']'); err != nil {
			return parsed{}, err
		}
	}
	if err := common.align(list); err != nil {
		return parsed{}, err
	}
	return parsed{&data.Schema{Kind: data.Array, Elem: common.schema}, list}, nil
}

func (p *parser) mapping() (parsed, error) {
	var keys, values []any
	var ofKeys, ofValues merger
	for closed := false; !closed; {
		if p.peek() == '}' {
			p.at++
			break
		}
		key, err := p.value()
		if err != nil || key.schema == nil || p.peek() != ':' {
			return parsed{}, errShape
		}
		p.at++
		value, err := p.value()
		if err != nil {
			return parsed{}, err
		}
		ofKeys.add(key)
		ofValues.add(value)
		keys, values = append(keys, key.value), append(values, value.value)
		if closed, err = p.end('}'); err != nil {
			return parsed{}, err
		}
	}
	if ofKeys.schema == nil {
		ofValues = merger{} // as in Kafka Connect
	}
	if err := errors.Join(ofKeys.align(keys), ofValues.align(values)); err != nil {
		return parsed{}, err
	}
	s := &data.Schema{Kind: data.Map, Key: ofKeys.schema, Elem: ofValues.schema}
	return parsed{s, mapOf(s.Key, keys, values)}, nil
}

// mapOf returns a map as package data has it for such keys. Of a key that occurs
// twice the last counts.
func mapOf(key *data.Schema, keys, values []any) any {
	switch {
	case key == nil && len(keys) > 0 || key != nil && key.Kind >= data.Bytes:
		return pairsOf(keys, values)
	case key != nil && key.Kind != data.String:
		m := make(map[any]any, len(keys))
		for i, k := range keys {
			m[k] = values[i]
		}
		return m
	}
	m := make(map[string]any, len(keys))
	for i, k := range keys {
		m[k.(string)] = values[i]
	}
	return m
}

func pairsOf(keys, values []any) data.Pairs {
	var pairs data.Pairs
	places := map[string]int{}
	for i, k := range keys {
		text, _ := Append(nil, nil, k) // it was read here, so it can be written
		name := data.Describe(k) + " " + string(text)
		if place, twice := places[name]; twice {
			pairs[place].Value = values[i]
			continue
		}
		places[name] = len(pairs)
		pairs = append(pairs, data.Pair{Key: k, Value: values[i]})
	}
	return pairs
}
