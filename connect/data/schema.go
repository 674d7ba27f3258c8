package data

import (
	"maps"
	"slices"
)

// Kind is the shape of a schema, by Kafka Connect's names.
type Kind int

// The kinds of Kafka Connect's Schema.Type.
const (
	Int8 Kind = iota
	Int16
	Int32
	Int64
	Float32
	Float64
	Boolean
	String
	Bytes
	Array
	Map
	Struct
)

var kindNames = [...]string{"INT8", "INT16", "INT32", "INT64", "FLOAT32", "FLOAT64",
	"BOOLEAN", "STRING", "BYTES", "ARRAY", "MAP", "STRUCT"}

// String returns Kafka Connect's name of the kind, as INT32.
func (k Kind) String() string { return kindNames[k] }

// The names of Kafka Connect's logical types, found in Schema.Name.
const (
	DecimalName   = "org.apache.kafka.connect.data.Decimal"
	DateName      = "org.apache.kafka.connect.data.Date"
	TimeName      = "org.apache.kafka.connect.data.Time"
	TimestampName = "org.apache.kafka.connect.data.Timestamp"
)

// Schema describes a value. It is immutable once shared.
type Schema struct {
	// Kind is the shape of the value. A logical type has the kind that it is
	// stored as.
	Kind Kind
	// Optional allows nil.
	Optional bool
	// Name is the schema's full name, or that of a logical type.
	Name string
	// Version is the author's version; 0 when there is none.
	Version int
	// Doc is for people.
	Doc string
	// Default is used for a missing value; nil when there is none.
	Default any
	// Parameters are free properties, such as a Decimal's scale; nil when there are none.
	Parameters map[string]string
	// Fields are a STRUCT's, in order.
	Fields []Field
	// Key and Elem are a MAP's key and value; Elem alone is an ARRAY's. They are
	// nil where the entries have no schema in common, as in the header [1, "x"].
	Key, Elem *Schema
}

// Field is one field of a STRUCT.
type Field struct {
	// Name is unique in its struct.
	Name string
	// Schema is never nil.
	Schema *Schema
}

// Field returns the field of that name, or nil.
func (s *Schema) Field(name string) *Field {
	for i := range s.Fields {
		if s.Fields[i].Name == name {
			return &s.Fields[i]
		}
	}
	return nil
}

// FieldSchema returns the schema of a field of a STRUCT or of the values of a MAP, or
// nil when there is none, also when s is nil. A sink that walks through a value
// passes it on as [Text], [Number] and [JSON] want it.
func (s *Schema) FieldSchema(name string) *Schema {
	switch {
	case s == nil:
		return nil
	case s.Kind == Map:
		return s.Elem
	}
	if f := s.Field(name); f != nil {
		return f.Schema
	}
	return nil
}

// Equal reports whether two schemas say the same; one may be nil. As in Kafka
// Connect, names, versions, docs, parameters and defaults count.
func (s *Schema) Equal(other *Schema) bool {
	var c comparison
	return c.equal(s, other)
}

// comparison remembers the fields that were compared already. Schemas that use one
// type in many places would otherwise be compared once for each way that leads to it.
type comparison struct{ seen map[[2]*Schema]bool }

func (c *comparison) equal(s, other *Schema) bool {
	if s == other || s == nil || other == nil {
		return s == other
	}
	return s.Kind == other.Kind && s.Optional == other.Optional && s.Name == other.Name &&
		s.Version == other.Version && s.Doc == other.Doc && Equal(s.Default, other.Default) &&
		maps.Equal(s.Parameters, other.Parameters) && c.equal(s.Key, other.Key) && c.equal(s.Elem, other.Elem) &&
		slices.EqualFunc(s.Fields, other.Fields, c.fields)
}

// fields takes two fields that were compared before for equal: if they were not,
// the answer is no already.
func (c *comparison) fields(a, b Field) bool {
	if a.Name != b.Name {
		return false
	}
	both := [2]*Schema{a.Schema, b.Schema}
	if c.seen[both] {
		return true
	}
	if c.seen == nil {
		c.seen = map[[2]*Schema]bool{}
	}
	c.seen[both] = true
	return c.equal(a.Schema, b.Schema)
}

// Size returns about how many bytes of memory s takes, with all that it is made of. A
// part that occurs several times counts once, as it is there once. Defaults count as
// the texts in them. It is what a bounded cache of schemas counts.
func (s *Schema) Size() int { return sizes{}.of(s) }

// sizes holds the schemas that were counted.
type sizes map[*Schema]bool

func (c sizes) of(s *Schema) int {
	const own, field, parameter = 160, 24, 60
	if s == nil || c[s] {
		return 0
	}
	c[s] = true
	n := own + len(s.Name) + len(s.Doc) + sizeOf(s.Default)
	for k, v := range s.Parameters {
		n += parameter + len(k) + len(v)
	}
	for _, f := range s.Fields {
		n += field + len(f.Name) + c.of(f.Schema)
	}
	return n + c.of(s.Key) + c.of(s.Elem)
}

// sizeOf is the size of the default of a schema, without what is nested in it.
func sizeOf(v any) int {
	const each = 48
	switch v := v.(type) {
	case string:
		return len(v)
	case []byte:
		return len(v)
	case []any:
		return each * len(v)
	case map[string]any:
		return each * len(v)
	}
	return 0
}
