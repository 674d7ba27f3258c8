package avro

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
)

// append appends v, nil where there is none, as n wants it.
func (s *picking) append(dst []byte, n *node, v *fastjson.Value) ([]byte, error) {
	if v == nil || v.Type() == fastjson.TypeNull {
		if v == nil && n.schema.Default == nil && !n.schema.Optional {
			return dst, fmt.Errorf("%w: missing, and neither optional nor with a default in the schema", ErrValue)
		}
		return n.append(dst, nil)
	}
	if n.schema.Optional {
		dst = appendLong(dst, 1-n.null)
	}
	switch n.schema.Kind {
	case data.Struct:
		return s.appendStruct(dst, n, v)
	case data.Array:
		return s.appendArray(dst, n, v)
	case data.Map:
		return s.appendMap(dst, n, v)
	case data.Boolean:
		b, err := v.Bool()
		if err != nil {
			return dst, wrongJSON(n, v)
		}
		return appendBool(dst, b), nil
	case data.String:
		b, err := v.StringBytes()
		if err != nil {
			return dst, wrongJSON(n, v)
		}
		return n.appendText(dst, unsafe.String(unsafe.SliceData(b), len(b)))
	case data.Bytes:
		return s.appendBinary(dst, n, v)
	default:
		return s.appendNumber(dst, n, v)
	}
}

func (s *picking) appendStruct(dst []byte, n *node, v *fastjson.Value) ([]byte, error) {
	object, err := v.Object()
	if err != nil {
		return dst, wrongJSON(n, v)
	}
	for i := range n.fields {
		f := &n.fields[i]
		if dst, err = s.append(dst, f.node, jsontext.Last(object, f.name)); err != nil {
			return dst, inField(f.name, err)
		}
	}
	return dst, nil
}

func (s *picking) appendArray(dst []byte, n *node, v *fastjson.Value) ([]byte, error) {
	list, err := v.Array()
	if err != nil {
		return dst, wrongJSON(n, v)
	}
	if len(list) > 0 {
		dst = appendLong(dst, int64(len(list)))
	}
	for i, item := range list {
		if dst, err = s.append(dst, n.elem, item); err != nil {
			return dst, inField(strconv.Itoa(i), err)
		}
	}
	return append(dst, 0), nil
}

// appendMap keeps the order of the object.
func (s *picking) appendMap(dst []byte, n *node, v *fastjson.Value) ([]byte, error) {
	object, err := v.Object()
	if err != nil {
		return dst, wrongJSON(n, v)
	}
	if object.Len() > 0 {
		dst = appendLong(dst, int64(object.Len()))
	}
	object.Visit(func(key []byte, item *fastjson.Value) {
		if err != nil {
			return
		}
		if dst, err = appendKey(dst, unsafe.String(unsafe.SliceData(key), len(key))); err == nil {
			dst, err = s.append(dst, n.elem, item)
		}
		if err != nil {
			err = inField(string(key), err)
		}
	})
	if err != nil {
		return dst, err
	}
	return append(dst, 0), nil
}

// appendBinary reads bytes as Connect's JsonConverter writes them, in base64,
// and a decimal also as a number.
func (s *picking) appendBinary(dst []byte, n *node, v *fastjson.Value) ([]byte, error) {
	if v.Type() == fastjson.TypeString {
		text, err := v.StringBytes()
		if err != nil {
			return dst, err
		}
		b, err := base64.StdEncoding.DecodeString(string(text))
		if err != nil {
			return dst, fmt.Errorf("%w: %.40q is no base64", ErrValue, text)
		}
		return n.appendBinary(dst, b)
	}
	text, ok := s.number(v)
	if !ok || n.schema.Name != data.DecimalName || len(text) > 400 {
		return dst, wrongJSON(n, v)
	}
	if _, exponent := jsontext.IsNumber(text); exponent {
		return dst, fmt.Errorf("%w: %.40s for a decimal: write it without an exponent", ErrValue, text)
	}
	r, ok := new(big.Rat).SetString(string(text))
	if !ok {
		return dst, wrongJSON(n, v)
	}
	return n.appendBinary(dst, r)
}

func (s *picking) appendNumber(dst []byte, n *node, v *fastjson.Value) ([]byte, error) {
	if v.Type() == fastjson.TypeString && n.schema.Name == data.TimestampName {
		return appendTimestamp(dst, v)
	}
	text, ok := s.number(v)
	if !ok {
		return dst, wrongJSON(n, v)
	}
	borrowed := unsafe.String(unsafe.SliceData(text), len(text))
	switch n.schema.Kind {
	case data.Float32:
		f, err := strconv.ParseFloat(borrowed, 32)
		if err != nil {
			return dst, fmt.Errorf("%w: %.40s is out of the range of FLOAT32", ErrValue, text)
		}
		return appendFloat(dst, float32(f)), nil
	case data.Float64:
		f, err := strconv.ParseFloat(borrowed, 64)
		if err != nil {
			return dst, fmt.Errorf("%w: %.40s is out of the range of FLOAT64", ErrValue, text)
		}
		return appendDouble(dst, f), nil
	}
	i, err := strconv.ParseInt(borrowed, 10, 64)
	if err != nil {
		return dst, fmt.Errorf("%w: %.40s is no integer of 64 bits", ErrValue, text)
	}
	return n.appendInteger64(dst, i)
}

func appendTimestamp(dst []byte, v *fastjson.Value) ([]byte, error) {
	text, err := v.StringBytes()
	if err != nil {
		return dst, err
	}
	var at time.Time
	if err := at.UnmarshalText(text); err != nil {
		return dst, fmt.Errorf("%w: %.40q is no time: want 2006-01-02T15:04:05Z or milliseconds since 1970", ErrValue, text)
	}
	return appendLong(dst, at.UnixMilli()), nil
}

// number returns the digits of a number as they are written. fastjson reads
// more than JSON allows, so they are checked, and its own float is not always
// the nearest one.
func (s *picking) number(v *fastjson.Value) ([]byte, bool) {
	if v.Type() != fastjson.TypeNumber {
		return nil, false
	}
	s.text = v.MarshalTo(s.text[:0])
	ok, _ := jsontext.IsNumber(s.text)
	return s.text, ok
}

func wrongJSON(n *node, v *fastjson.Value) error {
	return fmt.Errorf("%w: JSON %v %s for %v", ErrValue, v.Type(), jsontext.Shown(v), n.schema.Kind)
}
