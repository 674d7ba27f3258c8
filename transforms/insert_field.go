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

var _ connect.Transform = (*InsertField)(nil)

// InsertField adds what is known of a record, or a fixed text, as fields.
type InsertField struct {
	part        Part
	inserts     []insert
	replaceNull bool
	schemas     smt.Schemas
}

// InsertFieldConfig is the configuration of an [InsertField]. A field whose name
// is empty is not added. A ! at the end of a name makes the field required, a ?
// or nothing optional.
type InsertFieldConfig struct {
	// TopicField is the field for the topic.
	TopicField string `config:"topic.field"`
	// PartitionField is the field for the partition.
	PartitionField string `config:"partition.field"`
	// OffsetField is the field for the offset, which only records of sinks have.
	OffsetField string `config:"offset.field"`
	// TimestampField is the field for the timestamp.
	TimestampField string `config:"timestamp.field"`
	// StaticField is the field for StaticValue.
	StaticField string `config:"static.field"`
	// StaticValue is the text of StaticField.
	StaticValue string `config:"static.value"`
	// ReplaceNull makes null the default of a field that has one.
	ReplaceNull bool `config:"replace.null.with.default"`
}

// InsertFieldKeyPlugin describes InsertField on keys as a worker loads it.
func InsertFieldKeyPlugin() connect.TransformPlugin {
	return smt.Plugin("InsertField$Key", "Adds topic, partition, offset, timestamp or a fixed text to keys, as fields.",
		insertFieldDef(), validateInsertField, smt.On(Key, NewInsertField))
}

// InsertFieldValuePlugin describes InsertField on values as a worker loads it.
func InsertFieldValuePlugin() connect.TransformPlugin {
	return smt.Plugin("InsertField$Value",
		"Adds topic, partition, offset, timestamp or a fixed text to values, as fields.", insertFieldDef(), validateInsertField, smt.On(Value, NewInsertField))
}

func insertFieldDef() *config.Def {
	field := func(name, doc string) config.Key {
		return config.Key{Name: name, Type: config.String, Importance: config.Medium,
			Doc: doc + " A ! at the end of the name makes the field required, a ? or nothing optional."}
	}
	return config.New(
		field("topic.field", "Field for the topic."),
		field("partition.field", "Field for the partition."),
		field("offset.field", "Field for the offset; only for sinks."),
		field("timestamp.field", "Field for the timestamp."),
		field("static.field", "Field for static.value."),
		config.Key{Name: "static.value", Type: config.String, Importance: config.Medium, Doc: "Text of static.field."},
		smt.ReplaceNull(),
	)
}

func validateInsertField(v config.Values) config.Errors {
	if v.String("static.field") != "" && !v.IsSet("static.value") {
		return config.Errors{config.Errorf("static.value", "", "give a text, because there is a static.field")}
	}
	var c InsertFieldConfig
	v.Decode(&c)
	return c.check()
}

// check applies the rules over several keys.
func (c InsertFieldConfig) check() (errs config.Errors) {
	inserts := c.inserts()
	if len(inserts) == 0 {
		errs = append(errs, config.Errorf("topic.field", "", "no field is inserted: name one"))
	}
	seen := map[string]bool{}
	for _, in := range inserts {
		if seen[in.name] {
			errs = append(errs, config.Errorf(in.key, in.name, "another key inserts a field of this name: choose another name"))
		}
		seen[in.name] = true
	}
	return errs
}

// NewInsertField returns an InsertField. An error is a [config.Errors].
func NewInsertField(p Part, c InsertFieldConfig) (*InsertField, error) {
	if err := c.check().OrNil(); err != nil {
		return nil, err
	}
	return &InsertField{part: p, inserts: c.inserts(), replaceNull: c.ReplaceNull}, nil
}

// insert is a field to add.
type insert struct {
	key    string // of the configuration
	name   string
	schema *data.Schema
	value  func(r *connect.Record, schemaless bool) any // nil when the record does not have it
}

func (c InsertFieldConfig) inserts() (list []insert) {
	add := func(key, name string, s data.Schema, value func(*connect.Record, bool) any) {
		if name == "" {
			return
		}
		s.Optional = !strings.HasSuffix(name, "!")
		if strings.HasSuffix(name, "!") || strings.HasSuffix(name, "?") {
			name = name[:len(name)-1]
		}
		list = append(list, insert{key, name, &s, value})
	}
	add("topic.field", c.TopicField, data.Schema{Kind: data.String},
		func(r *connect.Record, _ bool) any { return r.Topic })
	add("partition.field", c.PartitionField, data.Schema{Kind: data.Int32}, partition)
	add("offset.field", c.OffsetField, data.Schema{Kind: data.Int64}, offset)
	add("timestamp.field", c.TimestampField,
		data.Schema{Kind: data.Int64, Name: data.TimestampName, Version: 1}, timestamp)
	add("static.field", c.StaticField, data.Schema{Kind: data.String},
		func(*connect.Record, bool) any { return c.StaticValue })
	return list
}

func partition(r *connect.Record, _ bool) any {
	if number, chosen := r.Partition.Number(); chosen {
		return number
	}
	return nil
}

func offset(r *connect.Record, _ bool) any {
	if r.Offset < 0 {
		return nil
	}
	return r.Offset
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
	s, m, err := t.part.Fields(r)
	if err != nil || m == nil {
		return r, err
	}
	out := maps.Clone(m)
	if s != nil {
		for _, f := range s.Fields {
			out[f.Name] = smt.WithDefault(f.Schema, m[f.Name], t.replaceNull)
		}
	}
	for _, in := range t.inserts {
		v := in.value(r, s == nil)
		switch {
		case v == nil && in.key == "offset.field":
			return nil, fmt.Errorf("field %q: the record for topic %s has no offset: offset.field is for sinks",
				in.name, r.Topic)
		case v == nil && !in.schema.Optional:
			return nil, fmt.Errorf("field %q is required, and the record of topic %s has no such value", in.name, r.Topic)
		case v != nil || s != nil:
			out[in.name] = v
		}
	}
	return t.part.Replace(r, t.schemas.Of(s, t.schema), out), nil
}

// schema adds the new fields after the old ones, in place of any of their name.
func (t *InsertField) schema(s *data.Schema) *data.Schema {
	out := *s
	out.Default = nil // it lacks the new fields
	out.Fields = slices.DeleteFunc(slices.Clone(s.Fields), func(f data.Field) bool {
		return slices.ContainsFunc(t.inserts, func(in insert) bool { return in.name == f.Name })
	})
	for _, in := range t.inserts {
		out.Fields = append(out.Fields, data.Field{Name: in.name, Schema: in.schema})
	}
	return &out
}
