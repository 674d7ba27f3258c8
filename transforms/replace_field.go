package transforms

import (
	"fmt"
	"maps"
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
	selection   *smt.Selection
	replaceNull bool
	schemas     smt.Schemas
}

// ReplaceFieldConfig is the configuration of a [ReplaceField].
type ReplaceFieldConfig struct {
	// Exclude are fields to leave out; it counts before Include.
	Exclude []string `config:"exclude"`
	// Include are the only fields to pass on; empty for all.
	Include []string `config:"include"`
	// Renames are old and new names with a colon between.
	Renames []string `config:"renames"`
	// Syntax is V1 or V2; in V2 Exclude, Include and the old names of Renames are paths, and
	// empty means V1.
	Syntax string `config:"field.syntax.version"`
	// ReplaceNull makes null the default of a field that has one.
	ReplaceNull bool `config:"replace.null.with.default"`
}

// ReplaceFieldKeyPlugin describes ReplaceField on keys as a worker loads it.
func ReplaceFieldKeyPlugin() connect.TransformPlugin {
	return smt.Plugin("ReplaceField$Key", "Keeps, drops and renames fields of keys.",
		replaceFieldDef(), validateReplaceField, smt.On(Key, NewReplaceField))
}

// ReplaceFieldValuePlugin describes ReplaceField on values as a worker loads it.
func ReplaceFieldValuePlugin() connect.TransformPlugin {
	return smt.Plugin("ReplaceField$Value", "Keeps, drops and renames fields of values.",
		replaceFieldDef(), validateReplaceField, smt.On(Value, NewReplaceField))
}

func replaceFieldDef() *config.Def {
	list := func(name, doc string) config.Key {
		return config.Key{Name: name, Type: config.List, Default: "", Importance: config.Medium, Doc: doc}
	}
	renames := list("renames", "Fields to rename, old:new. With field.syntax.version=V2 old is a path and new a "+
		"name: the field stays in the struct that it is in.")
	renames.Valid = config.Func("old:new,...", validRenames)
	return config.New(
		list("exclude", "Fields to leave out; this counts before include."),
		list("include", "The only fields to pass on; empty for all. Where a path leads into a struct, the other fields of "+
			"that struct are left out, too."),
		renames,
		ownSyntax(),
		smt.ReplaceNull(),
	)
}

func validateReplaceField(v config.Values) config.Errors {
	var c ReplaceFieldConfig
	v.Decode(&c)
	_, errs := c.selection()
	return errs
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

// selection returns what becomes of the fields.
func (c ReplaceFieldConfig) selection() (fields *smt.Selection, errs config.Errors) {
	fields = &smt.Selection{}
	check := func(key string, list []string, err error) {
		if err != nil {
			errs = append(errs, config.Errorf(key, strings.Join(list, ","), "%v", err))
		}
	}
	check("exclude", c.Exclude, c.each(c.Exclude, fields.Exclude))
	check("include", c.Include, c.each(c.Include, fields.Include))
	check("renames", c.Renames, c.rename(fields))
	return fields, errs
}

func (c ReplaceFieldConfig) each(list []string, do func(smt.Path)) error {
	for _, text := range list {
		path, err := smt.ParsePath(text, c.Syntax)
		if err != nil {
			return err
		}
		do(path)
	}
	return nil
}

func (c ReplaceFieldConfig) rename(fields *smt.Selection) error {
	renames, err := parseRenames(c.Renames)
	if err != nil {
		return err
	}
	for _, from := range slices.Sorted(maps.Keys(renames)) {
		path, err := smt.ParsePath(from, c.Syntax)
		if err != nil {
			return err
		}
		name, err := smt.ParsePath(renames[from], c.Syntax)
		if err != nil {
			return err
		}
		if len(name) > 1 {
			return fmt.Errorf("the new name %.80q is a path, and a field stays where it is: write a name, between backticks "+
				"if it has dots", renames[from])
		}
		if err := fields.Rename(path, name[0]); err != nil {
			return err
		}
	}
	return nil
}

// NewReplaceField returns a ReplaceField. An error is a [config.Errors].
func NewReplaceField(p Part, c ReplaceFieldConfig) (*ReplaceField, error) {
	selection, errs := c.selection()
	if err := errs.OrNil(); err != nil {
		return nil, err
	}
	return &ReplaceField{part: p, selection: selection, replaceNull: c.ReplaceNull}, nil
}

// Apply returns r with the fields that are left, under their new names.
func (t *ReplaceField) Apply(r *connect.Record) (*connect.Record, error) {
	s, m, err := t.part.Fields(r)
	if err != nil || m == nil {
		return r, err
	}
	out, err := t.selection.Edit(s, m, t.replaceNull)
	schema := t.schemas.Of(s, t.schema)
	if err == nil && s != nil && schema == nil {
		err = smt.ErrOneName
	}
	if err != nil {
		return nil, fmt.Errorf("%s of topic %s: %w", t.part, r.Topic, err)
	}
	return t.part.Replace(r, schema, out), nil
}

func (t *ReplaceField) schema(s *data.Schema) *data.Schema {
	out := t.selection.Schema(s)
	if out != nil {
		out.Default = nil // it has the old fields
	}
	return out
}
