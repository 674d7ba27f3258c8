package indices

import "github.com/suiro/suiro/connect/data"

// object is a JSON object of a mapping.
type object = map[string]any

// ignoreAbove is the longest keyword that is indexed, in UTF-16 units: at three
// bytes each its term stays below Lucene's limit of 32,766 bytes, beyond which
// Elasticsearch refuses the document, with room for the name of a flattened
// field.
const ignoreAbove = 8191

// flattened is one field that holds a whole object, whatever names are in it.
func flattened() object { return object{"type": "flattened", "ignore_above": ignoreAbove} }

// text is how Elasticsearch maps a string by itself.
func text() object {
	return object{"type": "text", "fields": object{"keyword": object{"type": "keyword", "ignore_above": 256}}}
}

// safeDynamic maps the fields that no schema names in a way that the first value
// of a field never decides whether the next one is accepted, as far as a mapping
// can do that. A string is a date only where the field's name says so: otherwise a
// user agent that looks like one would have all others refused. An object is
// one field, so that the names in it neither use up the limit of fields nor
// stand in each other's way, as a.b does in a's.
func safeDynamic() object {
	rule := func(name, detected string, mapping object) object {
		return object{name: object{"match_mapping_type": detected, "mapping": mapping}}
	}
	lenient := func(name, kind string) object {
		return rule(name, kind, object{"type": kind, "ignore_malformed": true})
	}
	times := object{"times": object{"match_mapping_type": "string", "match_pattern": "regex",
		"match": "^(@timestamp|timestamp|time|.*_at)$", "mapping": object{"type": "date", "ignore_malformed": true}}}
	return object{"date_detection": false, "numeric_detection": false, "dynamic_templates": []object{
		rule("objects", "object", flattened()), times, lenient("longs", "long"), lenient("doubles", "double"),
		rule("strings", "string", text())}}
}

// mapper makes the mappings of schemas.
type mapper struct {
	// compactMaps says that maps with string keys are objects.
	compactMaps bool
	// safe says that such a map is one field.
	safe bool
}

// of makes the mapping of a schema; at the top it is that of an index.
func (m mapper) of(s *data.Schema) object {
	switch s.Name {
	case data.DateName, data.TimeName, data.TimestampName:
		return object{"type": "date"}
	case data.DecimalName:
		return object{"type": "double"}
	}
	switch s.Kind {
	case data.Struct:
		fields := object{}
		for _, f := range s.Fields {
			fields[f.Name] = m.of(f.Schema)
		}
		return object{"properties": fields}
	case data.Array:
		return m.of(s.Elem)
	case data.Map:
		return m.mapOf(s)
	case data.String:
		return text()
	}
	return object{"type": scalarTypes[s.Kind]}
}

// mapOf makes the mapping of a map: the keys come with the data.
func (m mapper) mapOf(s *data.Schema) object {
	if !m.compactMaps || s.Key == nil || s.Key.Kind != data.String {
		return object{"properties": object{"key": m.of(s.Key), "value": m.of(s.Elem)}}
	}
	if m.safe {
		return flattened()
	}
	return object{"type": "object"}
}

// scalarTypes are Elasticsearch's names of the simple kinds.
var scalarTypes = map[data.Kind]string{
	data.Int8: "byte", data.Int16: "short", data.Int32: "integer", data.Int64: "long",
	data.Float32: "float", data.Float64: "double", data.Boolean: "boolean", data.Bytes: "binary",
}
