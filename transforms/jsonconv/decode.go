package jsonconv

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"unicode/utf8"

	"github.com/valyala/fastjson"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/jsontext"
)

func (c *Converter) decode(raw []byte) (*data.Schema, any, error) {
	if err := check(raw); err != nil {
		return nil, nil, err
	}
	p := c.parsers.Get()
	defer c.parsers.Put(p) // what leaves here is copied
	v, err := p.ParseBytes(raw)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", data.ErrInvalid, err)
	}
	if !c.schemas {
		value, err := plain(v)
		return nil, value, err
	}
	object := v.GetObject()
	if object == nil || object.Len() != 2 || object.Get("schema") == nil || object.Get("payload") == nil {
		return nil, nil, fmt.Errorf("%w: with schemas.enable a message has \"schema\" and \"payload\" and nothing else: "+
			"set schemas.enable=false to read plain JSON", data.ErrInvalid)
	}
	schema, err := c.schema(object.Get("schema"))
	if err != nil {
		return nil, nil, err
	}
	value, err := c.value(schema, object.Get("payload"))
	return schema, value, err
}

// check finds what fastjson lets pass, with the place of the first mistake.
func check(raw []byte) error {
	if !utf8.Valid(raw) {
		return fmt.Errorf("%w: text is not UTF-8", data.ErrInvalid)
	}
	if json.Valid(raw) {
		return nil
	}
	var v json.RawMessage
	err := json.Unmarshal(raw, &v)
	if at, ok := err.(*json.SyntaxError); ok {
		return fmt.Errorf("%w: byte %d: %w", data.ErrInvalid, at.Offset, err)
	}
	return fmt.Errorf("%w: %w", data.ErrInvalid, err)
}

// value reads v as schema s says, or by its looks when s is nil.
func (c *Converter) value(s *data.Schema, v *fastjson.Value) (any, error) {
	if s == nil {
		return plain(v)
	}
	if v == nil || v.Type() == fastjson.TypeNull {
		switch {
		case s.Default != nil && !c.form.KeepNulls:
			return s.Default, nil
		case s.Optional:
			return nil, nil
		}
		return nil, fmt.Errorf("%w: null for %v, which is not optional", data.ErrInvalid, s.Kind)
	}
	switch s.Kind {
	case data.Struct:
		return c.structOf(s, v)
	case data.Map:
		return c.mapOf(s, v)
	case data.Array:
		return c.listOf(s, v)
	case data.Boolean:
		if v.Type() == fastjson.TypeTrue || v.Type() == fastjson.TypeFalse {
			return v.GetBool(), nil
		}
	case data.String:
		if v.Type() == fastjson.TypeString {
			return string(v.GetStringBytes()), nil
		}
	case data.Bytes:
		return bytesOf(s, v)
	default:
		if v.Type() == fastjson.TypeNumber {
			return numberOf(s, string(v.MarshalTo(nil)))
		}
	}
	return nil, wrongJSON(s, v)
}

func (c *Converter) structOf(s *data.Schema, v *fastjson.Value) (any, error) {
	object := v.GetObject()
	if object == nil {
		return nil, wrongJSON(s, v)
	}
	m := make(map[string]any, len(s.Fields))
	for _, f := range s.Fields {
		value, err := c.value(f.Schema, jsontext.Last(object, f.Name))
		if err != nil {
			return nil, inField(f.Name, err)
		}
		m[f.Name] = value
	}
	return m, nil
}

func (c *Converter) mapOf(s *data.Schema, v *fastjson.Value) (any, error) {
	if s.Key.Kind == data.String && !s.Key.Optional {
		object := v.GetObject()
		if object == nil {
			return nil, wrongJSON(s, v)
		}
		m := make(map[string]any, object.Len())
		var err error
		object.Visit(func(k []byte, item *fastjson.Value) {
			value, e := c.value(s.Elem, item)
			if e != nil && err == nil {
				err = inField(string(k), e)
			}
			m[string(k)] = value
		})
		return m, err
	}
	if v.Type() != fastjson.TypeArray {
		return nil, wrongJSON(s, v)
	}
	return c.pairsOf(s, v.GetArray())
}

func (c *Converter) pairsOf(s *data.Schema, pairs []*fastjson.Value) (any, error) {
	if k := s.Key.Kind; k >= data.Bytes {
		return nil, fmt.Errorf("%w: a map with keys of %v cannot be held", data.ErrInvalid, k)
	}
	m := make(map[any]any, len(pairs))
	for i, p := range pairs {
		pair := p.GetArray()
		if len(pair) != 2 {
			return nil, fmt.Errorf("%w: entry %d of a map is no [key, value]", data.ErrInvalid, i)
		}
		key, err := c.value(s.Key, pair[0])
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", i, err)
		}
		if m[key], err = c.value(s.Elem, pair[1]); err != nil {
			return nil, inField(fmt.Sprint(key), err)
		}
	}
	return m, nil
}

func (c *Converter) listOf(s *data.Schema, v *fastjson.Value) (any, error) {
	if v.Type() != fastjson.TypeArray {
		return nil, wrongJSON(s, v)
	}
	list := make([]any, 0, len(v.GetArray()))
	for i, item := range v.GetArray() {
		value, err := c.value(s.Elem, item)
		if err != nil {
			return nil, inField(strconv.Itoa(i), err)
		}
		list = append(list, value)
	}
	return list, nil
}

func bytesOf(s *data.Schema, v *fastjson.Value) (any, error) {
	if v.Type() == fastjson.TypeNumber && s.Name == data.DecimalName {
		text := string(v.MarshalTo(nil))
		if _, exponent := jsontext.IsNumber([]byte(text)); exponent && len(text) > 6 {
			return nil, fmt.Errorf("%w: %.40s for a decimal: write it without an exponent", data.ErrInvalid, text)
		}
		if r, ok := new(big.Rat).SetString(text); ok {
			return r, nil
		}
	}
	if v.Type() != fastjson.TypeString {
		return nil, wrongJSON(s, v)
	}
	b, err := base64.StdEncoding.DecodeString(string(v.GetStringBytes()))
	if err != nil {
		return nil, fmt.Errorf("%w: %s is no base64", data.ErrInvalid, jsontext.Shown(v))
	}
	if s.Name != data.DecimalName {
		return b, nil
	}
	scale, err := s.Scale()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", data.ErrInvalid, err)
	}
	return data.DecimalOf(b, scale), nil
}

func numberOf(s *data.Schema, text string) (any, error) {
	switch s.Kind {
	case data.Float32:
		f, err := strconv.ParseFloat(text, 32)
		return float32(f), outOfRange(s, text, err)
	case data.Float64:
		f, err := strconv.ParseFloat(text, 64)
		return f, outOfRange(s, text, err)
	}
	n, err := strconv.ParseInt(text, 10, s.Kind.Bits())
	if err != nil {
		return nil, outOfRange(s, text, err)
	}
	if s.IsTime() {
		return data.TimeOf(s, n)
	}
	return s.Kind.Sized(n), nil
}

func outOfRange(s *data.Schema, text string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %.40s does not fit %v", data.ErrInvalid, text, s.Kind)
}

// plain reads v by its looks. Digits that no Go number holds stay digits.
func plain(v *fastjson.Value) (any, error) {
	switch v.Type() {
	case fastjson.TypeNull:
		return nil, nil
	case fastjson.TypeTrue, fastjson.TypeFalse:
		return v.GetBool(), nil
	case fastjson.TypeString:
		return string(v.GetStringBytes()), nil
	case fastjson.TypeNumber:
		return plainNumber(string(v.MarshalTo(nil))), nil
	case fastjson.TypeArray:
		list := make([]any, 0, len(v.GetArray()))
		for _, item := range v.GetArray() {
			value, err := plain(item)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		return list, nil
	default:
		object := v.GetObject()
		m := make(map[string]any, object.Len())
		var err error
		object.Visit(func(k []byte, item *fastjson.Value) {
			value, e := plain(item)
			if e != nil {
				err = e
			}
			m[string(k)] = value
		})
		return m, err
	}
}

func plainNumber(text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	for _, c := range text {
		if c == '.' || c == 'e' || c == 'E' {
			if f, err := strconv.ParseFloat(text, 64); err == nil {
				return f
			}
		}
	}
	return json.Number(text)
}

func wrongJSON(s *data.Schema, v *fastjson.Value) error {
	return fmt.Errorf("%w: JSON %v %s for %v", data.ErrInvalid, v.Type(), jsontext.Shown(v), s.Kind)
}
