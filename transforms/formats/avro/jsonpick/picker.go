package jsonpick

import (
	"fmt"
	"strings"
	"sync"

	"github.com/valyala/fastjson"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/jsontext"
	"github.com/suiro/suiro/transforms/formats/avro"
	"github.com/suiro/suiro/transforms/formats/avro/internal/datum"
)

// Options changes what a [Picker] picks. Nil means all defaults.
type Options struct {
	// Paths says where a field of the schema is in the JSON object, by the field's
	// name: object keys separated by dots, such as cookie.sid. Default: the key with
	// the field's name, dots included.
	Paths map[string]string
}

// Picker encodes the fields of a schema from JSON objects. It may be shared by
// goroutines.
type Picker struct {
	root   *datum.Type
	places map[string][]place // by the object's key
	states sync.Pool
}

// place is a field that is below a key of the object.
type place struct {
	field int
	path  []string
}

// picking is the memory of one call.
type picking struct {
	picker *Picker
	parser fastjson.Parser
	values []*fastjson.Value
	text   []byte // of a number
	visit  func([]byte, *fastjson.Value)
}

// New returns a picker of the fields of c, whose schema is a STRUCT.
func New(c *avro.Codec, o *Options) (*Picker, error) {
	schema := c.Schema()
	if schema.Kind != data.Struct || schema.Optional {
		return nil, fmt.Errorf("%w: the schema is %v: want a record", datum.ErrSchema, schema.Kind)
	}
	root, err := datum.Compile(schema)
	if err != nil {
		return nil, err
	}
	p := &Picker{root: root, places: map[string][]place{}}
	p.states.New = func() any { return p.newPicking() }
	paths := map[string]string{}
	if o != nil {
		paths = o.Paths
	}
	for name := range paths {
		if schema.Field(name) == nil {
			return nil, fmt.Errorf("%w: there is a path for field %q, which %s does not have",
				datum.ErrSchema, name, schema.Name)
		}
	}
	for i, f := range schema.Fields {
		keys := []string{f.Name}
		if path := paths[f.Name]; path != "" {
			keys = strings.Split(path, ".")
		}
		p.places[keys[0]] = append(p.places[keys[0]], place{i, keys[1:]})
	}
	return p, nil
}

func (p *Picker) newPicking() *picking {
	s := &picking{picker: p, values: make([]*fastjson.Value, len(p.root.Fields))}
	s.visit = func(key []byte, v *fastjson.Value) {
		for _, at := range p.places[string(key)] {
			inner := v
			for _, key := range at.path {
				inner = jsontext.Last(inner.GetObject(), key)
			}
			s.values[at.field] = inner
		}
	}
	return s
}

// Append appends the fields of the JSON object line in Avro's binary form. When a
// key occurs twice, the last value counts. A missing field is its default, or null
// if it is optional, or else an error that names it. On error dst is returned
// unchanged.
//
// Append accepts some escapes and control characters in strings that JSON forbids.
// What it appends is always valid Avro.
func (p *Picker) Append(dst, line []byte) ([]byte, error) {
	s := p.states.Get().(*picking)
	defer p.states.Put(s)
	return s.appendLine(dst, line)
}

func (s *picking) appendLine(dst, line []byte) ([]byte, error) {
	v, err := s.parser.ParseBytes(line)
	if err != nil {
		return dst, fmt.Errorf("%w: not JSON: %w", datum.ErrValue, err)
	}
	object, err := v.Object()
	if err != nil {
		return dst, fmt.Errorf("%w: a JSON %v, want an object", datum.ErrValue, v.Type())
	}
	clear(s.values)
	object.Visit(s.visit)
	out := dst
	for i := range s.values {
		f := &s.picker.root.Fields[i]
		if out, err = s.append(out, f.Type, s.values[i]); err != nil {
			return dst, data.InField(f.Name, err)
		}
	}
	return out, nil
}
