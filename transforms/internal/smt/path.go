package smt

import (
	"errors"
	"fmt"
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
)

// The values of field.syntax.version.
const (
	V1 = "V1"
	V2 = "V2"
)

// Syntax declares the key that says how names of fields are read.
func Syntax() config.Key {
	return config.Key{Name: "field.syntax.version", Type: config.String, Default: V1, Importance: config.High,
		Valid: config.OneOf(true, V1, V2),
		Doc: "How fields are named: with V2 a dot leads into a field, as in user.name, and a name with dots stands " +
			"between backticks; with V1 a dot is part of the name."}
}

// Path names a field, which may be within others.
type Path []string

// ParsePath reads a path in a syntax, V1 or V2. Only V2 has errors.
func ParsePath(text, syntax string) (Path, error) {
	if !strings.EqualFold(syntax, V2) {
		return Path{text}, nil
	}
	if text == "" {
		return nil, errPath
	}
	var p Path
	for {
		step, rest, more, err := cutStep(text)
		if err != nil {
			return nil, err
		}
		p = append(p, step)
		if !more {
			return p, nil
		}
		text = rest
	}
}

var errPath = errors.New("the name of a field is missing")

// cutStep reads the first step of a path. A backtick in a quoted step ends it where
// a dot or nothing follows; a backslash before it makes it part of the name.
func cutStep(text string) (step, rest string, more bool, err error) {
	if !strings.HasPrefix(text, "`") {
		step, rest, more = strings.Cut(text, ".")
		return step, rest, more, nil
	}
	var name strings.Builder
	for i := 1; i < len(text); i++ {
		last := i+1 == len(text)
		switch {
		case text[i] != '`' || !last && text[i+1] != '.':
			name.WriteByte(text[i])
		case text[i-1] != '\\':
			if last {
				return name.String(), "", false, nil
			}
			return name.String(), text[i+2:], true, nil
		case !last:
			unquoted := strings.TrimSuffix(name.String(), `\`)
			name.Reset()
			name.WriteString(unquoted + "`")
		}
	}
	return "", "", false, fmt.Errorf("path %.80q: a backtick is not closed: write one more, or \\` for one that is "+
		"part of a name", text)
}

// Field returns the schema of the field in structs of schema s, nil when there is none.
func (p Path) Field(s *data.Schema) *data.Schema {
	for _, step := range p {
		if s == nil || s.Kind != data.Struct {
			return nil
		}
		f := s.Field(step)
		if f == nil {
			return nil
		}
		s = f.Schema
	}
	return s
}

// Get returns the value of the field in m, which is of schema s or of none, and nil
// where it or a field around it is not there. With replace, null becomes the default
// of its field. A field around it that has no fields is an error.
func (p Path) Get(s *data.Schema, m map[string]any, replace bool) (any, error) {
	for i, step := range p {
		var fs *data.Schema
		if s != nil {
			f := s.Field(step)
			if f == nil {
				return nil, nil
			}
			fs = f.Schema
		}
		v := WithDefault(fs, m[step], replace || i+1 < len(p) && m != nil)
		if i+1 == len(p) || v == nil {
			return v, nil
		}
		inner, err := FieldsOf(fs, v)
		if err != nil {
			return nil, data.InField(step, err)
		}
		s, m = fs, inner
	}
	return nil, nil
}

// FieldsOf returns the fields of a value of schema s that a path leads into.
func FieldsOf(s *data.Schema, v any) (map[string]any, error) {
	m, ok := v.(map[string]any)
	if !ok || s != nil && s.Kind != data.Struct {
		return nil, fmt.Errorf("%s has no fields: want a struct, or a map with text as keys and no schema", Shape(s, v))
	}
	return m, nil
}
