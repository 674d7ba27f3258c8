package transforms

import (
	"fmt"
	"maps"
	"sync"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
)

// version is shown for each transform of this package.
const version = "0.1.0"

// javaPackage begins the names of the transforms.
const javaPackage = "org.apache.kafka.connect.transforms."

// part is the half of a record that a transform works on.
type part string

const (
	keyPart   part = "key"
	valuePart part = "value"
)

// plugins returns the Key and the Value plugin of a transform.
func plugins(name string, def *config.Def, validate func(config.Values) config.Errors,
	build func(config.Values, part) (connect.Transform, error)) []connect.TransformPlugin {
	var out []connect.TransformPlugin
	for _, p := range []struct {
		suffix string
		part   part
	}{{"$Key", keyPart}, {"$Value", valuePart}} {
		out = append(out, connect.TransformPlugin{
			Info: connect.Info{Class: javaPackage + name + p.suffix, Version: version, Def: def, Validate: validate},
			New:  func(c config.Values) (connect.Transform, error) { return build(c, p.part) },
		})
	}
	return out
}

// decode returns the data of the part.
func (p part) decode(r *connect.Record) (*data.Schema, any, error) {
	if p == keyPart {
		return r.Key.Decode()
	}
	return r.Value.Decode()
}

// fields returns the data of the part as a struct or a map by name, nil when
// it is null.
func (p part) fields(r *connect.Record) (*data.Schema, map[string]any, error) {
	s, v, err := p.decode(r)
	if err != nil || v == nil {
		return nil, nil, err
	}
	m, ok := v.(map[string]any)
	if !ok || s != nil && s.Kind != data.Struct {
		return nil, nil, fmt.Errorf("%s of topic %s is %s: want a struct, or a map without a schema", p, r.Topic, shape(s, v))
	}
	return s, m, nil
}

func shape(s *data.Schema, v any) string {
	if s != nil {
		return s.Kind.String()
	}
	return fmt.Sprintf("%T", v)
}

// replace returns a copy of r with other data in the part.
func (p part) replace(r *connect.Record, s *data.Schema, v any) *connect.Record {
	c := *r
	if p == keyPart {
		c.Key = connect.Decoded(s, v)
	} else {
		c.Value = connect.Decoded(s, v)
	}
	return &c
}

// schemas remembers the schemas made of others. It may be shared by goroutines.
type schemas struct {
	mu   sync.RWMutex
	made map[*data.Schema]*data.Schema // guarded by mu
}

// schemasKept bounds the schemas remembered; a topic has few.
const schemasKept = 64

// of returns what build makes of s, nil for nil.
func (c *schemas) of(s *data.Schema, build func(*data.Schema) *data.Schema) *data.Schema {
	if s == nil {
		return nil
	}
	c.mu.RLock()
	made := c.made[s]
	c.mu.RUnlock()
	if made != nil {
		return made
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if made := c.made[s]; made != nil {
		return made
	}
	if c.made == nil || len(c.made) >= schemasKept {
		c.made = map[*data.Schema]*data.Schema{}
	}
	c.made[s] = build(s)
	return c.made[s]
}

// withDefault returns v, or its field's default where it is null and has one.
func withDefault(s *data.Schema, v any, replace bool) any {
	if v == nil && s != nil && replace {
		return s.Default
	}
	return v
}

func clone(m map[string]any) map[string]any { return maps.Clone(m) }

// keyReplaceNull is shared by the transforms that read fields.
const keyReplaceNull = "replace.null.with.default"

func replaceNull() config.Key {
	return config.Key{Name: keyReplaceNull, Type: config.Boolean, Default: true, Importance: config.Medium,
		Doc: "Whether null becomes the default of a field that has one."}
}
