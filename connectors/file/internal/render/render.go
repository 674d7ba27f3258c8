// Package render writes the values of records as lines of a file.
package render

import (
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

// Line is the line for a value: text, bytes and JSON as they came, other structs,
// maps and lists as JSON, and other values as Java's toString would print them.
func Line(p *connect.Payload) ([]byte, error) {
	for _, format := range []string{connect.FormatString, connect.FormatJSON} {
		if raw, ok := p.Raw(format); ok {
			return raw, nil
		}
	}
	s, v, err := p.Decode()
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case []byte:
		return v, nil
	case map[string]any, map[any]any, []any, data.Pairs:
		return data.AppendJSON(nil, s, v, data.JSONOptions{})
	}
	return data.AppendText(nil, s, v)
}
