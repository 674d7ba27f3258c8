package ltsvdata

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/suiro/suiro/transforms/formats/cookie"
	"github.com/suiro/suiro/transforms/formats/ltsv"
	"github.com/suiro/suiro/transforms/formats/ltsvjson"
)

// Decode reads the one record in line. What is wrong with it is an *[ltsv.Error].
func (c *Codec) Decode(line []byte) (map[string]any, error) {
	r := c.records.Get().(*ltsv.Record)
	defer c.records.Put(r)
	if err := c.parser.Parse(r, line); err != nil {
		return nil, err
	}
	m := make(map[string]any, r.Len())
	for i := range r.Len() {
		f := r.Field(i)
		if err := c.read(m, f); err != nil {
			return nil, &ltsv.Error{Line: 1, Byte: f.Offset + 1, Label: string(f.Label), Err: err, Remedy: c.remedy(err)}
		}
	}
	if c.schema != nil {
		for _, f := range c.schema.Fields {
			if _, ok := m[f.Name]; !ok {
				m[f.Name] = nil
			}
		}
	}
	return m, nil
}

// remedy says how to keep a record with such an error.
func (c *Codec) remedy(err error) string {
	switch {
	case errors.Is(err, cookie.ErrBroken):
		return "choose null or raw for broken cookies to keep the record"
	case errors.Is(err, ltsv.ErrUTF8):
		return "let invalid UTF-8 be replaced to keep the record"
	case c.schema != nil:
		return "choose null for bad values to keep the record"
	}
	return "choose null or raw for bad values to keep the record"
}

// read puts the value of f into m.
func (c *Codec) read(m map[string]any, f ltsv.Field) error {
	l := c.labels.of(f.Label)
	if l.drop {
		return nil
	}
	v, err := c.value(l, f.Value)
	if err != nil {
		return err
	}
	if v != nil || !c.opts.OmitNulls {
		name, err := c.text(f.Label)
		if err != nil {
			return err
		}
		m[name] = v
	}
	return nil
}

func (c *Codec) value(l label, raw []byte) (any, error) {
	if c.opts.Nulls.Match(raw) {
		return nil, nil
	}
	if l.cookie {
		return c.cookies(raw)
	}
	if l.typ.Kind() == ltsv.String {
		return c.text(raw)
	}
	v, err := l.typ.Value(raw)
	if at, ok := v.(time.Time); ok {
		return at.UTC(), nil
	}
	if err == nil {
		return v, nil
	}
	switch {
	case c.opts.BadValue == ltsvjson.Null:
		return nil, nil
	case c.opts.BadValue == ltsvjson.Raw && c.schema == nil:
		return c.text(raw)
	default: // a schema has no place for text here
		return nil, err
	}
}

// text returns raw as a string of UTF-8, each wrong byte being U+FFFD.
func (c *Codec) text(raw []byte) (string, error) {
	if utf8.Valid(raw) {
		return string(raw), nil
	}
	if c.opts.RejectInvalidUTF8 {
		return "", fmt.Errorf("%w: %s", ltsv.ErrUTF8, ltsv.Quote(raw))
	}
	return string([]rune(string(raw))), nil
}

// cookies reads a Cookie header.
func (c *Codec) cookies(header []byte) (any, error) {
	m, broken := cookie.Read(header, c.text)
	switch {
	case broken == nil:
		return m, nil
	case c.opts.BadCookie == ltsvjson.Null:
		return nil, nil
	case c.opts.BadCookie == ltsvjson.Raw:
		text, err := c.text(header)
		return cookie.Kept(m, text), err
	default:
		return nil, broken
	}
}
