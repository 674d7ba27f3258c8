package jsonpick

import (
	"encoding/base64"
	"fmt"
	"math/big"
	"strconv"
	"time"
	"unsafe"

	"github.com/valyala/fastjson"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/jsontext"
	"github.com/suiro/suiro/transforms/formats/avro/internal/datum"
)

// append appends v, which is nil for a missing field.
func (s *picking) append(dst []byte, t *datum.Type, v *fastjson.Value) ([]byte, error) {
	if v == nil || v.Type() == fastjson.TypeNull {
		if v == nil && t.Schema.Default == nil && !t.Schema.Optional {
			return dst, fmt.Errorf("%w: the field is missing, is not optional and has no default", datum.ErrValue)
		}
		return t.Append(dst, nil)
	}
	if t.Union {
		return s.appendUnion(dst, t, v)
	}
	dst = t.AppendBranch(dst)
	switch t.Schema.Kind {
	case data.Struct:
		return s.appendStruct(dst, t, v)
	case data.Array:
		return s.appendArray(dst, t, v)
	case data.Map:
		return s.appendMap(dst, t, v)
	case data.Boolean:
		b, err := v.Bool()
		if err != nil {
			return dst, wrongJSON(t, v)
		}
		return datum.AppendBool(dst, b), nil
	case data.String:
		b, err := v.StringBytes()
		if err != nil {
			return dst, wrongJSON(t, v)
		}
		return t.AppendText(dst, unsafe.String(unsafe.SliceData(b), len(b)))
	case data.Bytes:
		return s.appendBinary(dst, t, v)
	default:
		return s.appendNumber(dst, t, v)
	}
}

func (s *picking) appendStruct(dst []byte, t *datum.Type, v *fastjson.Value) ([]byte, error) {
	object, err := v.Object()
	if err != nil {
		return dst, wrongJSON(t, v)
	}
	for i := range t.Fields {
		f := &t.Fields[i]
		if dst, err = s.append(dst, f.Type, jsontext.Last(object, f.Name)); err != nil {
			return dst, data.InField(f.Name, err)
		}
	}
	return dst, nil
}

// appendUnion reads an object in which one type has a value, which is how Kafka
// Connect's JsonConverter writes a union.
func (s *picking) appendUnion(dst []byte, t *datum.Type, v *fastjson.Value) ([]byte, error) {
	object, err := v.Object()
	if err != nil {
		return dst, wrongJSON(t, v)
	}
	chosen, found := -1, 0
	for i := range t.Fields {
		inner := jsontext.Last(object, t.Fields[i].Name)
		if inner != nil && inner.Type() != fastjson.TypeNull {
			chosen = i
			found++
		}
	}
	if found != 1 {
		return dst, fmt.Errorf("%w: %d types of the union have a value: want an object with a value for one",
			datum.ErrValue, found)
	}
	f := &t.Fields[chosen]
	out, err := s.append(t.AppendType(dst, chosen), f.Type, jsontext.Last(object, f.Name))
	if err != nil {
		return dst, data.InField(f.Name, err)
	}
	return out, nil
}

func (s *picking) appendArray(dst []byte, t *datum.Type, v *fastjson.Value) ([]byte, error) {
	list, err := v.Array()
	if err != nil {
		return dst, wrongJSON(t, v)
	}
	if len(list) > 0 {
		dst = datum.AppendLong(dst, int64(len(list)))
	}
	for i, item := range list {
		if dst, err = s.append(dst, t.Elem, item); err != nil {
			return dst, data.InField(strconv.Itoa(i), err)
		}
	}
	return append(dst, 0), nil
}

// appendMap keeps the order of the object.
func (s *picking) appendMap(dst []byte, t *datum.Type, v *fastjson.Value) ([]byte, error) {
	object, err := v.Object()
	if err != nil {
		return dst, wrongJSON(t, v)
	}
	if object.Len() > 0 {
		dst = datum.AppendLong(dst, int64(object.Len()))
	}
	object.Visit(func(key []byte, item *fastjson.Value) {
		if err != nil {
			return
		}
		if dst, err = datum.AppendKey(dst, unsafe.String(unsafe.SliceData(key), len(key))); err == nil {
			dst, err = s.append(dst, t.Elem, item)
		}
		if err != nil {
			err = data.InField(string(key), err)
		}
	})
	if err != nil {
		return dst, err
	}
	return append(dst, 0), nil
}

// appendBinary reads base64, which is how Kafka Connect's JsonConverter writes
// bytes and decimals. A decimal may also be a number.
func (s *picking) appendBinary(dst []byte, t *datum.Type, v *fastjson.Value) ([]byte, error) {
	if v.Type() == fastjson.TypeString {
		text, err := v.StringBytes()
		if err != nil {
			return dst, err
		}
		b, err := base64.StdEncoding.DecodeString(string(text))
		if err != nil {
			return dst, fmt.Errorf("%w: %.40q is not base64", datum.ErrValue, text)
		}
		return t.AppendBinary(dst, b)
	}
	text, ok := s.number(v)
	if !ok || t.Schema.Name != data.DecimalName || len(text) > 400 {
		return dst, wrongJSON(t, v)
	}
	if _, exponent := jsontext.IsNumber(text); exponent {
		return dst, fmt.Errorf("%w: %.40s for a decimal: write it without an exponent", datum.ErrValue, text)
	}
	r, ok := new(big.Rat).SetString(string(text))
	if !ok {
		return dst, wrongJSON(t, v)
	}
	return t.AppendBinary(dst, r)
}

func (s *picking) appendNumber(dst []byte, t *datum.Type, v *fastjson.Value) ([]byte, error) {
	if v.Type() == fastjson.TypeString && t.Schema.Name == data.TimestampName {
		return appendTimestamp(dst, v)
	}
	text, ok := s.number(v)
	if !ok {
		return dst, wrongJSON(t, v)
	}
	borrowed := unsafe.String(unsafe.SliceData(text), len(text))
	switch t.Schema.Kind {
	case data.Float32:
		f, err := strconv.ParseFloat(borrowed, 32)
		if err != nil {
			return dst, fmt.Errorf("%w: %.40s is out of the range of FLOAT32", datum.ErrValue, text)
		}
		return datum.AppendFloat(dst, float32(f)), nil
	case data.Float64:
		f, err := strconv.ParseFloat(borrowed, 64)
		if err != nil {
			return dst, fmt.Errorf("%w: %.40s is out of the range of FLOAT64", datum.ErrValue, text)
		}
		return datum.AppendDouble(dst, f), nil
	}
	i, err := strconv.ParseInt(borrowed, 10, 64)
	if err != nil {
		return dst, fmt.Errorf("%w: %.40s is not an integer of 64 bits", datum.ErrValue, text)
	}
	return t.AppendInteger(dst, i)
}

func appendTimestamp(dst []byte, v *fastjson.Value) ([]byte, error) {
	text, err := v.StringBytes()
	if err != nil {
		return dst, err
	}
	var at time.Time
	if err := at.UnmarshalText(text); err != nil {
		return dst, fmt.Errorf("%w: %.40q is not a time: want 2006-01-02T15:04:05Z or milliseconds since 1970",
			datum.ErrValue, text)
	}
	return datum.AppendLong(dst, at.UnixMilli()), nil
}

// number returns the text of a number. It is checked because fastjson accepts more
// than JSON allows, and parsed elsewhere because fastjson's float is not always the
// nearest.
func (s *picking) number(v *fastjson.Value) ([]byte, bool) {
	if v.Type() != fastjson.TypeNumber {
		return nil, false
	}
	s.text = v.MarshalTo(s.text[:0])
	ok, _ := jsontext.IsNumber(s.text)
	return s.text, ok
}

func wrongJSON(t *datum.Type, v *fastjson.Value) error {
	return fmt.Errorf("%w: JSON %v %s for %v", datum.ErrValue, v.Type(), jsontext.Shown(v), t.Schema.Kind)
}
