// Package document reads the text of JSON Schemas, and finds what they refer to. It knows
// nothing of what they mean.
package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/suiro/suiro/internal/jsontext"
	"github.com/suiro/suiro/transforms/formats/internal/extent"
)

// ErrSchema is the cause of every error about a schema that is wrong, or that the other
// side cannot express.
var ErrSchema = errors.New("json schema")

// Object is a JSON object with its names in the order of the text.
type Object struct {
	// Names are those of the members, each once.
	Names []string
	// Members are the values, as [Parse] returns them.
	Members map[string]any
}

// maxText is how deep the text of a schema may be nested: each type is at most three
// objects or lists.
const maxText = 3 * extent.MaxDepth

// Parse reads JSON text. Objects are [*Object], numbers json.Number.
func Parse(text string) (any, error) {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	v, err := next(d, 0)
	if err != nil {
		return nil, fmt.Errorf("%w: not JSON: %w", ErrSchema, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: text after the schema", ErrSchema)
	}
	return v, nil
}

func next(d *json.Decoder, depth int) (any, error) {
	if depth > maxText {
		return nil, extent.ErrDepth
	}
	t, err := d.Token()
	if errors.Is(err, io.EOF) {
		return nil, io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		return nextObject(d, depth)
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := next(d, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.Token()
		return list, err
	}
	return t, nil
}

// nextObject reads the members of an object. Of a name that occurs twice the last counts.
func nextObject(d *json.Decoder, depth int) (any, error) {
	o := &Object{Members: map[string]any{}}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		name := t.(string) // Token checks that
		v, err := next(d, depth+1)
		if err != nil {
			return nil, err
		}
		if _, twice := o.Members[name]; !twice {
			o.Names = append(o.Names, name)
		}
		o.Members[name] = v
	}
	_, err := d.Token()
	return o, err
}

// Has reports whether any of the names is a member.
func (o *Object) Has(names ...string) bool {
	for _, name := range names {
		if _, ok := o.Members[name]; ok {
			return true
		}
	}
	return false
}

// Text returns a member that is a text, or "".
func (o *Object) Text(name string) string {
	text, _ := o.Members[name].(string)
	return text
}

// List returns a member that is a list, or nil.
func (o *Object) List(name string) []any {
	list, _ := o.Members[name].([]any)
	return list
}

// Object returns a member that is an object, or nil.
func (o *Object) Object(name string) *Object {
	member, _ := o.Members[name].(*Object)
	return member
}

// Number returns a member that is an integer.
func (o *Object) Number(name string) (int, bool) {
	n, ok := o.Members[name].(json.Number)
	if !ok {
		return 0, false
	}
	i, err := strconv.Atoi(n.String())
	return i, err == nil
}

// AppendText appends what [Parse] read, as JSON.
func AppendText(dst []byte, v any) []byte {
	switch v := v.(type) {
	case *Object:
		dst = append(dst, '{')
		for i, name := range v.Names {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(jsontext.AppendString(dst, name), ':')
			dst = AppendText(dst, v.Members[name])
		}
		return append(dst, '}')
	case []any:
		dst = append(dst, '[')
		for i, item := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = AppendText(dst, item)
		}
		return append(dst, ']')
	case string:
		return jsontext.AppendString(dst, v)
	case json.Number:
		return append(dst, v...)
	case bool:
		return strconv.AppendBool(dst, v)
	}
	return append(dst, "null"...)
}
