package transforms

import (
	"fmt"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/internal/smt"
)

var _ connect.Transform = (*ReplaceField)(nil)

// ReplaceField leaves fields out and renames others.
type ReplaceField struct {
	part        Part
	exclude     []string
	include     []string
	renames     map[string]string
	replaceNull bool
	schemas     smt.Schemas
}

// ReplaceFieldConfig is the configuration of a [ReplaceField].
type ReplaceFieldConfig struct {
	// Exclude are fields to leave out; it counts before Include.
	Exclude []string `config:"exclude" default:"" importance:"medium" doc:"Fields to leave out; this counts before include."`
	// Include are the only fields to pass on; empty for all.
	Include []string `config:"include" default:"" importance:"medium" doc:"The only fields to pass on; empty for all."`
	// Renames are old and new names with a colon between.
	Renames []string `config:"renames" default:"" importance:"medium" doc:"Fields to rename, old:new."`
	// ReplaceNull makes null the default of a field that has one.
	ReplaceNull bool `config:"replace.null.with.default" default:"true" importance:"medium" doc:"Whether null becomes the default of a field that has one."`
}

// ReplaceFieldKeyPlugin describes ReplaceField on keys as a worker loads it.
func ReplaceFieldKeyPlugin() connect.TransformPlugin {
	return smt.Plugin("ReplaceField$Key", "Keeps, drops and renames fields of keys.",
		replaceFieldDef(), nil, smt.On(Key, NewReplaceField))
}

// ReplaceFieldValuePlugin describes ReplaceField on values as a worker loads it.
func ReplaceFieldValuePlugin() connect.TransformPlugin {
	return smt.Plugin("ReplaceField$Value", "Keeps, drops and renames fields of values.",
		replaceFieldDef(), nil, smt.On(Value, NewReplaceField))
}

func replaceFieldDef() *config.Def {
	return config.For[ReplaceFieldConfig]().Change("renames", func(k *config.Key) {
		k.Valid = config.Func("old:new,...", validRenames)
	})
}

func validRenames(v any) error {
	list, _ := v.([]string)
	_, err := parseRenames(list)
	return err
}

func parseRenames(list []string) (map[string]string, error) {
	m := map[string]string{}
	for _, item := range list {
		from, to, ok := strings.Cut(item, ":")
		if !ok || from == "" || to == "" || strings.Contains(to, ":") || m[from] != "" {
			return nil, fmt.Errorf("%q: want old:new, each old name once", item)
		}
		m[from] = to
	}
	return m, nil
}

// NewReplaceField returns a ReplaceField, or an error about its renames.
func NewReplaceField(p Part, c ReplaceFieldConfig) (*ReplaceField, error) {
	renames, err := parseRenames(c.Renames)
	if err != nil {
		return nil, fmt.Errorf("renames: %w", err)
	}
	return &ReplaceField{part: p, exclude: c.Exclude, include: c.Include, renames: renames,
		replaceNull: c.ReplaceNull}, nil
}

// Apply returns r with the fields that are left, under their new names.
func (t *ReplaceField) Apply(r *connect.Record) (*connect.Record, error) {
	s, m, err := t.part.Fields(r)
	if err != nil || m == nil {
		return r, err
	}
	out := make(map[string]any, len(m))
	kept := 0
	keep := func(name string, v any) {
		if t.keeps(name) {
			out[t.name(name)] = v
			kept++
		}
	}
	if s == nil {
		for name, v := range m {
			keep(name, v)
		}
	} else {
		for _, f := range s.Fields {
			keep(f.Name, smt.WithDefault(f.Schema, m[f.Name], t.replaceNull))
		}
	}
	if len(out) < kept {
		return nil, fmt.Errorf("%s of topic %s: two fields get one name: exclude one, or give it another name",
			t.part, r.Topic)
	}
	return t.part.Replace(r, t.schemas.Of(s, t.schema), out), nil
}

func (t *ReplaceField) schema(s *data.Schema) *data.Schema {
	out := *s
	out.Default = nil // it has the old fields
	out.Fields = nil
	for _, f := range s.Fields {
		if t.keeps(f.Name) {
			out.Fields = append(out.Fields, data.Field{Name: t.name(f.Name), Schema: f.Schema})
		}
	}
	return &out
}

func (t *ReplaceField) keeps(name string) bool {
	return !slices.Contains(t.exclude, name) && (len(t.include) == 0 || slices.Contains(t.include, name))
}

func (t *ReplaceField) name(name string) string {
	if to, ok := t.renames[name]; ok {
		return to
	}
	return name
}
