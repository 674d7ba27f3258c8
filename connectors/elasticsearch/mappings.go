package elasticsearch

import (
	"sync"

	"github.com/suiro/suiro/connect/data"
)

// mappings remembers which indices have a mapping. It may be used from any
// goroutine.
type mappings struct {
	mu   sync.Mutex // guards done
	done map[string]bool
}

func newMappings() *mappings { return &mappings{done: map[string]bool{}} }

// has reports whether the index has one.
func (m *mappings) has(index string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.done[index]
}

func (m *mappings) note(index string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done[index] = true
}

// mappingOf makes the mapping of a schema; at the top it is that of an index.
func mappingOf(s *data.Schema, compactMaps bool) map[string]any {
	switch s.Name {
	case data.DateName, data.TimeName, data.TimestampName:
		return map[string]any{"type": "date"}
	case data.DecimalName:
		return map[string]any{"type": "double"}
	}
	switch s.Kind {
	case data.Struct:
		fields := map[string]any{}
		for _, f := range s.Fields {
			fields[f.Name] = mappingOf(f.Schema, compactMaps)
		}
		return map[string]any{"properties": fields}
	case data.Array:
		return mappingOf(s.Elem, compactMaps)
	case data.Map:
		if compactMaps && s.Key != nil && s.Key.Kind == data.String {
			return map[string]any{"type": "object"}
		}
		return map[string]any{"properties": map[string]any{
			"key": mappingOf(s.Key, compactMaps), "value": mappingOf(s.Elem, compactMaps)}}
	case data.String:
		return map[string]any{"type": "text",
			"fields": map[string]any{"keyword": map[string]any{"type": "keyword", "ignore_above": 256}}}
	}
	return map[string]any{"type": scalarTypes[s.Kind]}
}

// scalarTypes are Elasticsearch's names of the simple kinds.
var scalarTypes = map[data.Kind]string{
	data.Int8: "byte", data.Int16: "short", data.Int32: "integer", data.Int64: "long",
	data.Float32: "float", data.Float64: "double", data.Boolean: "boolean", data.Bytes: "binary",
}
