package transforms

import (
	"fmt"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
)

var _ connect.Transform = (*ReplaceField)(nil)

// ReplaceField leaves fields out and renames others.
type ReplaceField struct {
	part    part
	exclude []string
	include []string
	renames map[string]string
	defalt  bool
	schemas schemas
}

func replaceFieldDef() *config.Def {
	return config.New(
		config.Key{Name: "exclude", Type: config.List, Default: "", Importance: config.Medium,
			Doc: "Fields to leave out; this counts before include."},
		config.Key{Name: "include", Type: config.List, Default: "", Importance: config.Medium,
			Doc: "The only fields to pass on; empty for all."},
		config.Key{Name: "renames", Type: config.List, Default: "", Importance: config.Medium,
			Valid: config.Func("old:new,...", validRenames), Doc: "Fields to rename, old:new."},
		replaceNull(),
	)
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
		if !ok || from == "" || to == "" || m[from] != "" {
			return nil, fmt.Errorf("%q: want old:new, each old name once", item)
		}
		m[from] = to
	}
	return m, nil
}

// ReplaceFieldPlugins returns ReplaceField as a worker loads it.
func ReplaceFieldPlugins() []connect.TransformPlugin {
	return plugins("ReplaceField", replaceFieldDef(), nil, func(c config.Values, p part) (connect.Transform, error) {
		renames, err := parseRenames(c.List("renames"))
		if err != nil {
			return nil, err
		}
		return &ReplaceField{part: p, exclude: c.List("exclude"), include: c.List("include"),
			renames: renames, defalt: c.Bool(keyReplaceNull)}, nil
	})
}

// Apply returns r with the fields that are left, under their new names.
func (t *ReplaceField) Apply(r *connect.Record) (*connect.Record, error) {
	s, m, err := t.part.fields(r)
	if err != nil || m == nil {
		return r, err
	}
	out := make(map[string]any, len(m))
	kept := 0
	if s == nil {
		for name, v := range m {
			if t.keeps(name) {
				out[t.name(name)] = v
				kept++
			}
		}
	} else {
		for _, f := range s.Fields {
			if t.keeps(f.Name) {
				out[t.name(f.Name)] = withDefault(f.Schema, m[f.Name], t.defalt)
				kept++
			}
		}
	}
	if len(out) < kept {
		return nil, fmt.Errorf("%s of topic %s: two fields get one name: exclude one, or rename it otherwise", t.part, r.Topic)
	}
	return t.part.replace(r, t.schemas.of(s, t.schema), out), nil
}

func (t *ReplaceField) schema(s *data.Schema) *data.Schema {
	out := *s
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
