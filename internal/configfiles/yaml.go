package configfiles

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/suiro/suiro/connect/herder/api"
)

// parseYAML reads YAML by making JSON of it.
func parseYAML(text []byte) (c api.CreateConnectorRequest, err error) {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return c, fmt.Errorf("is not YAML: %w", err)
	}
	if len(root.Content) != 1 || root.Content[0].Kind != yaml.MappingNode {
		return c, errors.New("is not a YAML mapping: a file holds one connector, with a name and a config")
	}
	text, err = asJSON(root.Content[0])
	if err != nil {
		return c, err
	}
	return ParseConnector(text)
}

// asJSON makes JSON of YAML. Numbers and words such as yes become the texts that they
// are written as, because that is what the values of a configuration are.
func asJSON(n *yaml.Node) ([]byte, error) {
	var b bytes.Buffer
	switch n.Kind {
	case yaml.MappingNode:
		b.WriteByte('{')
		for i := 0; i < len(n.Content); i += 2 {
			if i > 0 {
				b.WriteByte(',')
			}
			key, value := n.Content[i], n.Content[i+1]
			if key.Kind != yaml.ScalarNode {
				return nil, fmt.Errorf("line %d: a key is a text", key.Line)
			}
			inner, err := asJSON(value)
			if err != nil {
				return nil, err
			}
			name, _ := json.Marshal(key.Value) // a text has no error
			b.Write(append(append(name, ':'), inner...))
		}
		b.WriteByte('}')
	case yaml.ScalarNode:
		if n.Tag == "!!null" {
			return []byte("null"), nil
		}
		return json.Marshal(n.Value)
	default:
		return nil, fmt.Errorf("line %d: the values of a configuration are texts, and a list is written as a,b", n.Line)
	}
	return b.Bytes(), nil
}
