package transforms

import (
	"fmt"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
)

var _ connect.Transform = (*InsertField)(nil)

// InsertField adds what is known of a record, or a fixed text, as fields.
type InsertField struct {
	part    part
	inserts []insert
	defalt  bool
	schemas schemas
}

// insert is a field to add. value is nil when the record does not have it.
type insert struct {
	name   string
	schema *data.Schema
	value  func(r *connect.Record, schemaless bool) any
}

func insertFieldDef() *config.Def {
	doc := " A ! behind the name makes the field required, a ? or nothing optional."
	return config.New(
		config.Key{Name: "topic.field", Type: config.String, Importance: config.Medium, Doc: "Field for the topic." + doc},
		config.Key{Name: "partition.field", Type: config.String, Importance: config.Medium, Doc: "Field for the partition." + doc},
		config.Key{Name: "offset.field", Type: config.String, Importance: config.Medium,
			Doc: "Field for the offset, which transforms do not see here: it must be empty."},
		config.Key{Name: "timestamp.field", Type: config.String, Importance: config.Medium, Doc: "Field for the timestamp." + doc},
		config.Key{Name: "static.field", Type: config.String, Importance: config.Medium, Doc: "Field for static.value." + doc},
		config.Key{Name: "static.value", Type: config.String, Importance: config.Medium, Doc: "Text of static.field."},
		replaceNull(),
	)
}

func validateInsertField(c config.Values) config.Errors {
	var errs config.Errors
	if name := c.String("offset.field"); name != "" {
		errs = append(errs, config.Errorf("offset.field", name, "a transform does not see offsets: remove the key"))
	}
	if c.String("static.field") != "" && !c.IsSet("static.value") {
		errs = append(errs, config.Errorf("static.value", "", "give a text, because there is a static.field"))
	}
	if len(inserts(c)) == 0 && len(errs) == 0 {
		errs = append(errs, config.Errorf("topic.field", "", "no field is inserted: name one"))
	}
	return errs
}

// InsertFieldPlugins returns InsertField as a worker loads it.
func InsertFieldPlugins() []connect.TransformPlugin {
	return plugins("InsertField", insertFieldDef(), validateInsertField,
		func(c config.Values, p part) (connect.Transform, error) {
			if errs := validateInsertField(c); len(errs) > 0 {
				return nil, errs
			}
			return &InsertField{part: p, inserts: inserts(c), defalt: c.Bool(keyReplaceNull)}, nil
		})
}

func inserts(c config.Values) []insert {
	static := c.String("static.value")
	var out []insert
	add := func(key string, s data.Schema, value func(*connect.Record, bool) any) {
		name := c.String(key)
		if name == "" {
			return
		}
		s.Optional = !strings.HasSuffix(name, "!")
		out = append(out, insert{strings.TrimRight(name, "!?"), &s, value})
	}
	add("topic.field", data.Schema{Kind: data.String}, func(r *connect.Record, _ bool) any { return r.Topic })
	add("partition.field", data.Schema{Kind: data.Int32}, func(r *connect.Record, _ bool) any {
		if r.Partition < 0 {
			return nil
		}
		return r.Partition
	})
	add("timestamp.field", data.Schema{Kind: data.Int64, Name: data.TimestampName, Version: 1}, timestamp)
	add("static.field", data.Schema{Kind: data.String}, func(*connect.Record, bool) any { return static })
	return out
}

func timestamp(r *connect.Record, schemaless bool) any {
	switch {
	case r.Timestamp.IsZero():
		return nil
	case schemaless:
		return r.Timestamp.UnixMilli()
	default:
		return r.Timestamp.UTC()
	}
}

// Apply returns r with the fields added.
func (t *InsertField) Apply(r *connect.Record) (*connect.Record, error) {
	s, m, err := t.part.fields(r)
	if err != nil || m == nil {
		return r, err
	}
	out := clone(m)
	if s != nil {
		for _, f := range s.Fields {
			out[f.Name] = withDefault(f.Schema, m[f.Name], t.defalt)
		}
	}
	for _, in := range t.inserts {
		v := in.value(r, s == nil)
		if v == nil && !in.schema.Optional {
			return nil, fmt.Errorf("field %q is required, and the record of topic %s has no such value", in.name, r.Topic)
		}
		out[in.name] = v
	}
	return t.part.replace(r, t.schemas.of(s, t.schema), out), nil
}

// schema puts the new fields behind the old ones, in place of any of their name.
func (t *InsertField) schema(s *data.Schema) *data.Schema {
	out := *s
	out.Fields = slices.DeleteFunc(slices.Clone(s.Fields), func(f data.Field) bool {
		return slices.ContainsFunc(t.inserts, func(in insert) bool { return in.name == f.Name })
	})
	for _, in := range t.inserts {
		out.Fields = append(out.Fields, data.Field{Name: in.name, Schema: in.schema})
	}
	return &out
}
