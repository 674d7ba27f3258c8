package headers

import (
	"fmt"
	"maps"
	"slices"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/internal/smt"
)

var _ connect.Transform = (*HeaderFrom)(nil)

// HeaderFrom copies or moves fields of the key or value to headers, after those that
// are there.
type HeaderFrom struct {
	part        smt.Part
	fields      []string
	headers     []string
	move        bool
	replaceNull bool
	schemas     smt.Schemas
}

// HeaderFromConfig is the configuration of a [HeaderFrom].
type HeaderFromConfig struct {
	// Fields are the fields.
	Fields []string `config:"fields" valid:"nonempty" doc:"The fields to copy or move."`
	// Headers are the names of their headers, in the same order.
	Headers []string `config:"headers" valid:"nonempty" doc:"Names of their headers, in the same order."`
	// Operation is copy or move.
	Operation string `config:"operation" valid:"oneof=move copy" doc:"Whether the fields stay in the key or value: copy, or not: move."`
	// ReplaceNull makes null the default of a field that has one.
	ReplaceNull bool `config:"replace.null.with.default" default:"true" importance:"medium" doc:"Whether null becomes the default of a field that has one."`
}

// HeaderFromKeyPlugin describes HeaderFrom on keys as a worker loads it.
func HeaderFromKeyPlugin() connect.TransformPlugin {
	return smt.Plugin("HeaderFrom$Key", "Copies or moves fields of keys to headers.",
		config.For[HeaderFromConfig](), validateHeaderFrom, smt.On(smt.Key, NewHeaderFrom))
}

// HeaderFromValuePlugin describes HeaderFrom on values as a worker loads it.
func HeaderFromValuePlugin() connect.TransformPlugin {
	return smt.Plugin("HeaderFrom$Value", "Copies or moves fields of values to headers.",
		config.For[HeaderFromConfig](), validateHeaderFrom, smt.On(smt.Value, NewHeaderFrom))
}

func validateHeaderFrom(v config.Values) config.Errors {
	var c HeaderFromConfig
	v.Decode(&c)
	return c.check()
}

// check applies the rules over several keys.
func (c HeaderFromConfig) check() config.Errors {
	if len(c.Fields) != len(c.Headers) {
		return config.Errors{config.Errorf("headers", "", "%d names for the %d fields of fields: give one for each",
			len(c.Headers), len(c.Fields))}
	}
	return nil
}

// NewHeaderFrom returns a HeaderFrom. An error is a [config.Errors].
func NewHeaderFrom(p smt.Part, c HeaderFromConfig) (*HeaderFrom, error) {
	if err := c.check().OrNil(); err != nil {
		return nil, err
	}
	return &HeaderFrom{part: p, fields: c.Fields, headers: c.Headers, move: c.Operation == "move",
		replaceNull: c.ReplaceNull}, nil
}

// Apply returns r with a header for each field. A field that is not there is an
// error with a schema, and a header that is null without one.
func (t *HeaderFrom) Apply(r *connect.Record) (*connect.Record, error) {
	s, m, err := t.part.Fields(r)
	if err != nil || m == nil {
		return r, err
	}
	added := make([]connect.Header, len(t.fields))
	for i, name := range t.fields {
		added[i] = connect.Header{Key: t.headers[i], Value: m[name]}
		if s == nil {
			continue
		}
		f := s.Field(name)
		if f == nil {
			return nil, fmt.Errorf("%s of topic %s has no field %.80q for a header", t.part, r.Topic, name)
		}
		added[i].Schema = f.Schema
		added[i].Value = smt.WithDefault(f.Schema, m[name], t.replaceNull)
	}
	out := r
	if t.move {
		out = t.part.Replace(r, t.schemas.Of(s, t.schema), t.rest(s, m))
	} else {
		c := *r
		out = &c
	}
	out.Headers = append(slices.Clip(r.Headers), added...)
	return out, nil
}

// rest returns m without the fields.
func (t *HeaderFrom) rest(s *data.Schema, m map[string]any) map[string]any {
	out := maps.Clone(m)
	if s != nil {
		for _, f := range s.Fields {
			out[f.Name] = smt.WithDefault(f.Schema, m[f.Name], t.replaceNull)
		}
	}
	for _, name := range t.fields {
		delete(out, name)
	}
	return out
}

func (t *HeaderFrom) schema(s *data.Schema) *data.Schema {
	out := *s
	out.Default = nil // it has the moved fields
	out.Fields = slices.DeleteFunc(slices.Clone(s.Fields),
		func(f data.Field) bool { return slices.Contains(t.fields, f.Name) })
	return &out
}
