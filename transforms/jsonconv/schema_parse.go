package jsonconv

import (
	"fmt"

	"github.com/valyala/fastjson"

	"github.com/suiro/suiro/connect/data"
)

var kinds = func() map[string]data.Kind {
	m := map[string]data.Kind{}
	for k, name := range typeNames {
		m[name] = k
	}
	return m
}()

// schema returns the schema that v holds, parsing it once for each text.
func (c *Converter) schema(v *fastjson.Value) (*data.Schema, error) {
	if v.Type() == fastjson.TypeNull {
		return nil, nil
	}
	text := v.MarshalTo(nil)
	c.mu.RLock()
	s, ok := c.parsed[string(text)]
	c.mu.RUnlock()
	if ok {
		return s, nil
	}
	s, err := c.parseSchema(v)
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.parsed) >= c.kept {
		clear(c.parsed)
	}
	c.parsed[string(text)] = s
	return s, nil
}

func (c *Converter) parseSchema(v *fastjson.Value) (*data.Schema, error) {
	if v == nil || v.Type() != fastjson.TypeObject {
		return nil, fmt.Errorf("%w: want an object with a type", data.ErrInvalid)
	}
	name := string(v.GetStringBytes("type"))
	kind, ok := kinds[name]
	if !ok {
		return nil, fmt.Errorf("%w: type %q: want a type of Kafka Connect as int32, string or struct", data.ErrInvalid, name)
	}
	s := &data.Schema{
		Kind:     kind,
		Optional: v.GetBool("optional"),
		Name:     string(v.GetStringBytes("name")),
		Version:  v.GetInt("version"),
		Doc:      string(v.GetStringBytes("doc")),
	}
	if err := c.parseParts(s, v); err != nil {
		return nil, err
	}
	if m := v.GetObject("parameters"); m != nil && m.Len() > 0 {
		s.Parameters = map[string]string{}
		m.Visit(func(k []byte, v *fastjson.Value) { s.Parameters[string(k)] = string(v.GetStringBytes()) })
	}
	if d := v.Get("default"); d != nil && d.Type() != fastjson.TypeNull {
		var err error
		if s.Default, err = c.value(s, d); err != nil {
			return nil, fmt.Errorf("default: %w", err)
		}
	}
	return s, nil
}

// parseParts reads what a list, a map or a struct is made of.
func (c *Converter) parseParts(s *data.Schema, v *fastjson.Value) (err error) {
	switch s.Kind {
	case data.Array:
		s.Elem, err = c.parseSchema(v.Get("items"))
	case data.Map:
		if s.Key, err = c.parseSchema(v.Get("keys")); err == nil {
			s.Elem, err = c.parseSchema(v.Get("values"))
		}
	case data.Struct:
		for i, f := range v.GetArray("fields") {
			name := string(f.GetStringBytes("field"))
			if name == "" || s.Field(name) != nil {
				return fmt.Errorf("%w: field %d of a struct has no name, or %q is there twice", data.ErrInvalid, i, name)
			}
			fs, err := c.parseSchema(f)
			if err != nil {
				return inField(name, err)
			}
			s.Fields = append(s.Fields, data.Field{Name: name, Schema: fs})
		}
	}
	return err
}
