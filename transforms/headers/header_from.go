package headers

import (
	"fmt"
	"slices"
	"strings"

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
	fields      []smt.Path
	headers     []string
	moved       *smt.Tree[struct{}] // nil to copy
	replaceNull bool
	schemas     smt.Schemas
}

// HeaderFromConfig is the configuration of a [HeaderFrom].
type HeaderFromConfig struct {
	// Fields are the fields.
	Fields []string `config:"fields"`
	// Headers are the names of their headers, in the same order.
	Headers []string `config:"headers"`
	// Operation is copy or move.
	Operation string `config:"operation"`
	// Syntax is V1 or V2; in V2 Fields are paths, and empty means V1.
	Syntax string `config:"field.syntax.version"`
	// ReplaceNull makes null the default of a field that has one.
	ReplaceNull bool `config:"replace.null.with.default"`
}

// HeaderFromKeyPlugin describes HeaderFrom on keys as a worker loads it.
func HeaderFromKeyPlugin() connect.TransformPlugin {
	return smt.Plugin("HeaderFrom$Key", "Copies or moves fields of keys to headers.",
		headerFromDef(), validateHeaderFrom, smt.On(smt.Key, NewHeaderFrom))
}

// HeaderFromValuePlugin describes HeaderFrom on values as a worker loads it.
func HeaderFromValuePlugin() connect.TransformPlugin {
	return smt.Plugin("HeaderFrom$Value", "Copies or moves fields of values to headers.",
		headerFromDef(), validateHeaderFrom, smt.On(smt.Value, NewHeaderFrom))
}

func headerFromDef() *config.Def {
	return config.New(
		config.Key{Name: "fields", Type: config.List, Required: true, Valid: config.NonEmpty(),
			Doc: "The fields to copy or move."},
		config.Key{Name: "headers", Type: config.List, Required: true, Valid: config.NonEmpty(),
			Doc: "Names of their headers, in the same order."},
		config.Key{Name: "operation", Type: config.String, Required: true, Valid: config.OneOf(false, "move", "copy"),
			Doc: "Whether the fields stay in the key or value: copy, or not: move."},
		smt.Syntax(),
		smt.ReplaceNull(),
	)
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
	if _, _, err := c.paths(); err != nil {
		return config.Errors{config.Errorf("fields", strings.Join(c.Fields, ","), "%v", err)}
	}
	return nil
}

// paths returns the fields, and those that are moved.
func (c HeaderFromConfig) paths() (paths []smt.Path, moved *smt.Tree[struct{}], err error) {
	if c.Operation == "move" {
		moved = &smt.Tree[struct{}]{}
	}
	for i, text := range c.Fields {
		path, err := smt.ParsePath(text, c.Syntax)
		if err != nil {
			return nil, nil, err
		}
		paths = append(paths, path)
		if moved == nil || slices.Contains(c.Fields[:i], text) {
			continue
		}
		if err := moved.Add(path, struct{}{}); err != nil {
			return nil, nil, err
		}
	}
	return paths, moved, nil
}

// NewHeaderFrom returns a HeaderFrom. An error is a [config.Errors].
func NewHeaderFrom(p smt.Part, c HeaderFromConfig) (*HeaderFrom, error) {
	if err := c.check().OrNil(); err != nil {
		return nil, err
	}
	paths, moved, err := c.paths()
	return &HeaderFrom{part: p, fields: paths, headers: c.Headers, moved: moved, replaceNull: c.ReplaceNull}, err
}

// Apply returns r with a header for each field. A field that is not there is an
// error with a schema, and a header that is null without one.
func (t *HeaderFrom) Apply(r *connect.Record) (*connect.Record, error) {
	s, m, err := t.part.Fields(r)
	if err != nil || m == nil {
		return r, err
	}
	added := make([]connect.Header, len(t.fields))
	for i, path := range t.fields {
		f := path.Field(s)
		if s != nil && f == nil {
			return nil, fmt.Errorf("%s of topic %s has no field %.80q for a header", t.part, r.Topic, strings.Join(path, "."))
		}
		v, err := path.Get(s, m, t.replaceNull)
		if err != nil {
			return nil, err
		}
		if v == nil && f != nil {
			f = smt.Optional(f)
		}
		added[i] = connect.Header{Key: t.headers[i], Schema: f, Value: v}
	}
	c := *r
	out := &c
	if t.moved != nil {
		rest, err := t.moved.Edit(s, m, t.replaceNull, gone)
		if err != nil {
			return nil, err
		}
		out = t.part.Replace(r, t.schemas.Of(s, t.schema), rest)
	}
	out.Headers = append(slices.Clip(r.Headers), added...)
	return out, nil
}

func gone(struct{}, *data.Schema, any) (any, error) { return smt.Gone{}, nil }

func (t *HeaderFrom) schema(s *data.Schema) *data.Schema {
	out := t.moved.Schema(s, func(struct{}, *data.Schema) *data.Schema { return nil }, gone)
	out.Default = nil // it had the moved fields
	return out
}
