package transforms

import (
	"errors"
	"fmt"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/internal/smt"
)

var _ connect.Transform = (*SetSchemaMetadata)(nil)

// SetSchemaMetadata gives the schema of the key or value another name or version.
type SetSchemaMetadata struct {
	part        Part
	name        string // empty to leave it
	version     int    // 0 to leave it
	replaceNull bool
	schemas     smt.Schemas
}

// SetSchemaMetadataConfig is the configuration of a [SetSchemaMetadata].
type SetSchemaMetadataConfig struct {
	// Name is the new name; empty leaves it.
	Name string `config:"schema.name"`
	// Version is the new version; 0 leaves it.
	Version int `config:"schema.version"`
	// ReplaceNull makes null the default of a field that has one.
	ReplaceNull bool `config:"replace.null.with.default"`
}

// SetSchemaMetadataKeyPlugin describes SetSchemaMetadata on keys as a worker loads it.
func SetSchemaMetadataKeyPlugin() connect.TransformPlugin {
	return smt.Plugin("SetSchemaMetadata$Key", "Gives the schema of keys another name or version.",
		setSchemaMetadataDef(), validateSetSchemaMetadata, smt.On(Key, NewSetSchemaMetadata))
}

// SetSchemaMetadataValuePlugin describes SetSchemaMetadata on values as a worker loads it.
func SetSchemaMetadataValuePlugin() connect.TransformPlugin {
	return smt.Plugin("SetSchemaMetadata$Value", "Gives the schema of values another name or version.",
		setSchemaMetadataDef(), validateSetSchemaMetadata, smt.On(Value, NewSetSchemaMetadata))
}

func setSchemaMetadataDef() *config.Def {
	return config.New(
		config.Key{Name: "schema.name", Type: config.String, Doc: "The new name of the schema."},
		config.Key{Name: "schema.version", Type: config.Int, Doc: "The new version of the schema."},
		smt.ReplaceNull(),
	)
}

func validateSetSchemaMetadata(v config.Values) config.Errors {
	var c SetSchemaMetadataConfig
	v.Decode(&c)
	if _, err := NewSetSchemaMetadata(Value, c); err != nil {
		return config.Errors{config.Errorf("schema.name", "", "%v", err)}
	}
	return nil
}

var errNoMetadata = errors.New("give a name, or a schema.version")

// NewSetSchemaMetadata returns a SetSchemaMetadata, or an error when it would change
// nothing.
func NewSetSchemaMetadata(p Part, c SetSchemaMetadataConfig) (*SetSchemaMetadata, error) {
	if c.Name == "" && c.Version == 0 {
		return nil, errNoMetadata
	}
	return &SetSchemaMetadata{part: p, name: c.Name, version: c.Version, replaceNull: c.ReplaceNull}, nil
}

// Apply returns r with the schema renamed. Data without a schema is an error.
func (t *SetSchemaMetadata) Apply(r *connect.Record) (*connect.Record, error) {
	s, v, err := t.part.Decode(r)
	if err != nil || s == nil && v == nil {
		return r, err
	}
	if s == nil {
		return nil, fmt.Errorf("%s of topic %s has no schema, which could get a name or a version: use a converter that "+
			"reads one, or leave the transform out", t.part, r.Topic)
	}
	if m, ok := v.(map[string]any); ok && s.Kind == data.Struct {
		v = withDefaults(s, m, t.replaceNull)
	}
	return t.part.Replace(r, t.schemas.Of(s, t.schema), v), nil
}

// withDefaults returns a copy of m in which null is the default of its field.
func withDefaults(s *data.Schema, m map[string]any, replace bool) map[string]any {
	out := make(map[string]any, len(s.Fields))
	for _, f := range s.Fields {
		out[f.Name] = smt.WithDefault(f.Schema, m[f.Name], replace)
	}
	return out
}

func (t *SetSchemaMetadata) schema(s *data.Schema) *data.Schema {
	out := *s
	if t.name != "" {
		out.Name = t.name
	}
	if t.version != 0 {
		out.Version = t.version
	}
	return &out
}
