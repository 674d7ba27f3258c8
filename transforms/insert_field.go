package transforms

import (
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
	fields      *insertion
	replaceNull bool
	schemas     smt.Schemas
}

// InsertFieldConfig is the configuration of an [InsertField]. A field whose name
// is empty is not added. A ! at the end of a name makes the field required, a ?
// or nothing optional. In the syntax V2 names are paths, and structs on the way that are
// not there are made.
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
	// Syntax is V1 or V2; in V2 names are paths, and empty means V1.
	Syntax string `config:"field.syntax.version"`
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
		insertSyntax(),
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

// insertSyntax says what becomes of the structs on the way.
func insertSyntax() config.Key {
	k := ownSyntax()
	k.Doc += " With V2 a struct or map on the way that is not there is made, and one that is null stays null."
	return k
}

// ownSyntax says that Kafka Connect's class of the same name does not have the key.
func ownSyntax() config.Key {
	k := smt.Syntax()
	k.Doc += " In Kafka Connect 4.3 this transform has V1 alone."
	return k
}

// check applies the rules over several keys.
func (c InsertFieldConfig) check() config.Errors {
	_, errs := c.insertion()
	return errs
}

// insertion returns where the fields go.
func (c InsertFieldConfig) insertion() (root *insertion, errs config.Errors) {
	inserts := c.inserts()
	if len(inserts) == 0 {
		errs = append(errs, config.Errorf("topic.field", "", "no field is inserted: name one"))
	}
	root = &insertion{}
	for _, in := range inserts {
		path, err := smt.ParsePath(in.name, c.Syntax)
		if err == nil {
			err = root.add(path, in)
		}
		if err != nil {
			errs = append(errs, config.Errorf(in.key, in.name, "%v", err))
		}
	}
	return root, errs
}

// NewInsertField returns an InsertField. An error is a [config.Errors].
func NewInsertField(p Part, c InsertFieldConfig) (*InsertField, error) {
	fields, errs := c.insertion()
	if err := errs.OrNil(); err != nil {
		return nil, err
	}
	return &InsertField{part: p, fields: fields, replaceNull: c.ReplaceNull}, nil
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
	out, err := t.fields.edit(r, s, m, t.replaceNull)
	if err != nil {
		return nil, err
	}
	return t.part.Replace(r, t.schemas.Of(s, t.fields.schema), out), nil
}
