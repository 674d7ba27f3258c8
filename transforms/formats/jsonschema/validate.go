package jsonschema

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/registry"
)

// validator checks JSON against a JSON Schema. A nil one allows everything.
type validator struct {
	schema *jsonschema.Schema
	err    error // why there is no schema to check against
}

// root is the address of the schema itself. Those it refers to are beside it.
const root = "registry:///schema"

// newValidator compiles a schema. With one that cannot be compiled, each value is refused.
func newValidator(text string, references []registry.Reference) *validator {
	schema, err := compile(text, references)
	if err != nil {
		err = fmt.Errorf("%w: compile it, to check data against it: %.500s", ErrSchema, err.Error())
	}
	return &validator{schema, err}
}

func compile(text string, references []registry.Reference) (*jsonschema.Schema, error) {
	doc, err := unmarshal(text)
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft7)
	c.UseLoader(loader(references))
	if err := c.AddResource(root, doc); err != nil {
		return nil, err
	}
	return c.Compile(root)
}

func unmarshal(text string) (any, error) { return jsonschema.UnmarshalJSON(strings.NewReader(text)) }

// loader finds the schemas that a schema refers to among those that the registry has as
// references of it, and nowhere else.
type loader []registry.Reference

// Load returns the schema with an address, which ends with a name of a reference or is
// the $id of its text.
func (l loader) Load(address string) (any, error) {
	for _, r := range l {
		doc, err := unmarshal(r.Text)
		if err != nil {
			return nil, err
		}
		if id, ok := idOf(doc); ok && id == address {
			return doc, nil
		}
		for _, name := range r.Names {
			if address == name || strings.HasSuffix(address, "/"+strings.TrimPrefix(name, "/")) {
				return doc, nil
			}
		}
	}
	return nil, fmt.Errorf("%.200s is not a reference of the schema in the registry", address)
}

func idOf(doc any) (string, bool) {
	o, _ := doc.(map[string]any)
	id, ok := o["$id"].(string)
	return strings.TrimSuffix(id, "#"), ok
}

// reason is the innermost reason why a value does not fit, which says where.
func reason(e *jsonschema.ValidationError) string {
	for len(e.Causes) > 0 {
		e = e.Causes[0]
	}
	return fmt.Sprintf("%.300s", e.Error())
}

// check checks one JSON value.
func (v *validator) check(raw []byte) error {
	if v == nil {
		return nil
	}
	if v.err != nil {
		return v.err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("%w: %w", data.ErrInvalid, err)
	}
	err = v.schema.Validate(doc)
	var invalid *jsonschema.ValidationError
	if errors.As(err, &invalid) {
		return fmt.Errorf("%w: the message does not fit its schema: %s", data.ErrInvalid, reason(invalid))
	}
	return err
}
