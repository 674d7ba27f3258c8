package jsonschema

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/internal/room"
	"github.com/suiro/suiro/transforms/formats/jsonschema/internal/document"
)

// describer reads what schemas say beside their types.
type describer struct {
	defaults room.Room // what all defaults may take
}

// describe reads what a schema says about its type: name, version, doc, parameters and
// default.
func (d *describer) describe(s *data.Schema, o *document.Object) error {
	s.Name, s.Doc = o.Text("title"), o.Text("description")
	if n, ok := o.Number(propVersion); ok {
		s.Version = n
	}
	if own := o.Object(propParameters); own != nil {
		s.Parameters = withParameters(s.Parameters, own)
	}
	if err := dropUnusable(s); err != nil {
		return err
	}
	return d.setDefault(s, o)
}

// describeMore reads what is said beside oneOf or allOf, where the type itself says
// nothing.
func (d *describer) describeMore(s *data.Schema, o *document.Object) error {
	if s.Name == "" && s.Kind == data.Struct {
		s.Name = o.Text("title")
	}
	if s.Doc == "" {
		s.Doc = o.Text("description")
	}
	if s.Default == nil {
		return d.setDefault(s, o)
	}
	return nil
}

// withParameters returns a copy of m with the texts of own, which may not say that there
// is a union or an enum.
func withParameters(m map[string]string, own *document.Object) map[string]string {
	out := maps.Clone(m)
	for _, name := range own.Names {
		text, ok := own.Members[name].(string)
		if !ok || strings.HasPrefix(name, namespace) || strings.HasPrefix(name, generalUnion) ||
			strings.HasPrefix(name, generalEnum) {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[name] = text
	}
	return out
}

// logicalKinds are the logical types, with the kind that each is stored as.
var logicalKinds = map[string]data.Kind{data.DateName: data.Int32, data.TimeName: data.Int32,
	data.TimestampName: data.Int64, data.DecimalName: data.Bytes}

// dropUnusable removes a name that another type has.
func dropUnusable(s *data.Schema) error {
	if s.Kind == data.Struct && s.Name == UnionName {
		return fmt.Errorf("%w: an object has the title %s, which is the name of unions in Connect", ErrSchema, UnionName)
	}
	if kind, ok := logicalKinds[s.Name]; ok && kind != s.Kind {
		s.Name = ""
	}
	if s.Name == data.DecimalName {
		if _, err := s.Scale(); err != nil {
			return fmt.Errorf("%w: a decimal without a scale in %s", ErrSchema, propParameters)
		}
	}
	return nil
}

// setDefault reads the default. One that does not fit its type is ignored.
func (d *describer) setDefault(s *data.Schema, o *document.Object) error {
	raw, ok := o.Members["default"]
	if !ok || raw == nil {
		return nil
	}
	v, err := dialect().Decode(document.AppendText(nil, raw), s)
	if errors.Is(err, room.ErrTooLarge) {
		return fmt.Errorf("%w: default: %w", ErrSchema, err)
	}
	if err != nil || v == nil {
		return nil
	}
	if err := d.defaults.TakeValue(v); err != nil {
		return fmt.Errorf("%w: its defaults are too large", ErrSchema)
	}
	s.Default = v
	return nil
}
