package schema

import "encoding/json"

// node is a JSON Schema of the draft 2020-12, as far as it is used here.
type node struct {
	Schema      string      `json:"$schema,omitempty"`
	Title       string      `json:"title,omitempty"`
	Description string      `json:"description,omitempty"`
	Ref         string      `json:"$ref,omitempty"`
	Type        any         `json:"type,omitempty"` // one name or several
	Enum        []any       `json:"enum,omitempty"`
	Pattern     string      `json:"pattern,omitempty"`
	MinLength   int         `json:"minLength,omitempty"`
	Minimum     json.Number `json:"minimum,omitempty"`
	Maximum     json.Number `json:"maximum,omitempty"`
	Default     any         `json:"default,omitempty"`
	Deprecated  bool        `json:"deprecated,omitempty"`
	AnyOf       []*node     `json:"anyOf,omitempty"`
	AllOf       []*node     `json:"allOf,omitempty"`
	If          *node       `json:"if,omitempty"`
	Then        *node       `json:"then,omitempty"`
	Else        *node       `json:"else,omitempty"`

	Required             []string         `json:"required,omitempty"`
	Properties           map[string]*node `json:"properties,omitempty"`
	PatternProperties    map[string]*node `json:"patternProperties,omitempty"`
	AdditionalProperties *bool            `json:"additionalProperties,omitempty"`
	Defs                 map[string]*node `json:"$defs,omitempty"`
}

// refTo refers to one of the document's definitions.
func refTo(def string) *node { return &node{Ref: "#/$defs/" + def} }
