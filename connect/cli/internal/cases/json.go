package cases

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"reflect"

	"go.yaml.in/yaml/v3"
)

// maxDepth is how deep a value may be nested.
const maxDepth = 100

// toJSON is a node as JSON, its fields in their order.
func toJSON(node *yaml.Node) ([]byte, error) {
	var out bytes.Buffer
	err := appendNode(&out, node, 0)
	return out.Bytes(), err
}

func appendNode(out *bytes.Buffer, n *yaml.Node, depth int) error {
	if depth > maxDepth {
		return errors.New("it is nested too deep")
	}
	switch n.Kind {
	case yaml.MappingNode:
		return appendList(out, n.Content, "{}", depth)
	case yaml.SequenceNode:
		return appendList(out, n.Content, "[]", depth)
	case yaml.AliasNode:
		return errors.New("aliases of YAML are not supported: write the value out")
	}
	var v any
	if err := n.Decode(&v); err != nil {
		return err
	}
	if n.ShortTag() == "!!timestamp" {
		v = n.Value // JSON has no times
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("line %d: %w", n.Line, err)
	}
	out.Write(text)
	return nil
}

// appendList writes an object or a list, between the two brackets.
func appendList(out *bytes.Buffer, content []*yaml.Node, brackets string, depth int) error {
	out.WriteByte(brackets[0])
	for i, n := range content {
		isName := brackets == "{}" && i%2 == 0
		switch {
		case i > 0 && brackets == "{}" && !isName:
			out.WriteByte(':')
		case i > 0:
			out.WriteByte(',')
		}
		if isName {
			text, _ := json.Marshal(n.Value) // a text can always be written
			out.Write(text)
			continue
		}
		if err := appendNode(out, n, depth+1); err != nil {
			return err
		}
	}
	out.WriteByte(brackets[1])
	return nil
}

// fromJSON is JSON as a node, in the short style of YAML.
func fromJSON(text []byte) (*yaml.Node, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	return flow(document.Content[0]), nil
}

// flow puts a node into one line, its texts without quotes where they need none.
func flow(n *yaml.Node) *yaml.Node {
	n.Style = yaml.FlowStyle
	if n.Kind == yaml.ScalarNode {
		n.Style = 0
	}
	for _, inner := range n.Content {
		flow(inner)
	}
	return n
}

// same compares JSON, numbers by what they are worth.
func same(a, b json.RawMessage) bool {
	return reflect.DeepEqual(comparable(a), comparable(b))
}

func comparable(text json.RawMessage) any {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return string(text)
	}
	return valued(v)
}

// number is what a number is worth, as a fraction.
type number string

func valued(v any) any {
	switch v := v.(type) {
	case json.Number:
		if r, ok := new(big.Rat).SetString(v.String()); ok && len(v) < 100 {
			return number(r.RatString())
		}
	case map[string]any:
		for name, inner := range v {
			v[name] = valued(inner)
		}
	case []any:
		for i, inner := range v {
			v[i] = valued(inner)
		}
	}
	return v
}
