package format

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro"
)

// Tables is what a [Format] offers when Hive reads its files.
type Tables interface {
	// Table returns how Hive reads files of schema s, which [ForHive] returned.
	Table(s *data.Schema) (Table, error)
	// ParseSchema reads [Schema.Text].
	ParseSchema(text string) (*data.Schema, error)
	// TableSchema returns the schema of a table that exists by its properties.
	// It is an error when they do not say.
	TableSchema(properties map[string]string) (*data.Schema, error)
}

// Table is what Hive's metastore wants to know of files, but for where they are.
type Table struct {
	// InputFormat, OutputFormat and SerDe are Java classes of Hive.
	InputFormat, OutputFormat, SerDe string
	// Properties are the table's, such as avro.schema.literal.
	Properties map[string]string
	// Columns are the fields of the records.
	Columns []Column
}

// Column is a column of a table.
type Column struct {
	// Name is in lower case, as the metastore keeps it.
	Name string
	// Type is Hive's type, such as struct<a:int>.
	Type string
	// Doc is for people.
	Doc string
}

// naming gives the fields of a STRUCT their names in a file.
type naming func(fields []data.Field) []string

// columnsOf returns the columns of a STRUCT.
func columnsOf(s *data.Schema, names naming) ([]Column, error) {
	if s.Kind != data.Struct {
		return nil, fmt.Errorf("a table needs records that are a STRUCT, not %v", s.Kind)
	}
	columns := make([]Column, len(s.Fields))
	for i, name := range names(s.Fields) {
		f := s.Fields[i].Schema
		columns[i] = Column{Name: strings.ToLower(name), Type: names.hiveType(f), Doc: f.Doc}
	}
	return columns, nil
}

var hivePrimitives = map[data.Kind]string{
	data.Int8: "int", data.Int16: "int", data.Int32: "int", data.Int64: "bigint", data.Float32: "float",
	data.Float64: "double", data.Boolean: "boolean", data.String: "string", data.Bytes: "binary",
}

// hiveType returns Hive's type. Small integers are int, as they are in Avro.
func (n naming) hiveType(s *data.Schema) string {
	switch {
	case s.Name == data.DecimalName && s.Kind == data.Bytes:
		return hiveDecimal(s)
	case s.Name == data.DateName && s.Kind == data.Int32:
		return "date"
	case s.Name == data.TimestampName && s.Kind == data.Int64:
		return "timestamp"
	case s.Kind == data.Array:
		return "array<" + n.hiveType(s.Elem) + ">"
	case s.Kind == data.Map:
		return "map<" + n.hiveType(s.Key) + "," + n.hiveType(s.Elem) + ">"
	case s.Kind == data.Struct && s.Name == avro.UnionName:
		types := make([]string, len(s.Fields))
		for i, f := range s.Fields {
			types[i] = n.hiveType(f.Schema)
		}
		return "uniontype<" + strings.Join(types, ",") + ">"
	case s.Kind == data.Struct:
		parts := n(s.Fields)
		for i := range parts {
			parts[i] = strings.ToLower(parts[i]) + ":" + n.hiveType(s.Fields[i].Schema)
		}
		return "struct<" + strings.Join(parts, ",") + ">"
	default:
		return hivePrimitives[s.Kind]
	}
}

// precisionKey is the parameter in which Confluent's converter keeps the
// precision of a Decimal.
const precisionKey = "connect.decimal.precision"

func hiveDecimal(s *data.Schema) string {
	return "decimal(" + cmp.Or(s.Parameters[precisionKey], strconv.Itoa(hiveDigits)) + "," + s.Parameters["scale"] + ")"
}

// Extends reports whether a STRUCT is the older one with fields added at the
// end, each optional or with a default, so that older files can be read by it.
func Extends(newer, older *data.Schema) bool {
	if newer.Kind != data.Struct || older.Kind != data.Struct || len(newer.Fields) <= len(older.Fields) {
		return false
	}
	for i, f := range older.Fields {
		if f.Name != newer.Fields[i].Name || !sameType(f.Schema, newer.Fields[i].Schema) {
			return false
		}
	}
	return !slices.ContainsFunc(newer.Fields[len(older.Fields):], func(f data.Field) bool {
		return !f.Schema.Optional && f.Schema.Default == nil
	})
}

// sameType compares two fields without their docs and defaults, which change
// nothing in the files.
func sameType(a, b *data.Schema) bool {
	x, y := *a, *b
	x.Doc, y.Doc, x.Default, y.Default = "", "", nil, nil
	return x.Equal(&y)
}

// ForHive returns the schema of a table for records of s, a STRUCT: without the
// fields named in keys, which are the partition columns, as [Without] has it, and
// with decimals that Hive can have. Data is read the same by either schema.
func ForHive(s *data.Schema, keys []string) *data.Schema { return hiveDecimals(Without(s, keys)) }

// hiveDigits is the largest precision that a decimal has in Hive, which refuses to
// look at a table with a larger one.
const hiveDigits = 38

// hiveDecimals bounds the precision of decimals; Connect's have 64 digits unless
// they say otherwise. A decimal with a scale that Hive does not have is bytes.
func hiveDecimals(s *data.Schema) *data.Schema {
	if s == nil {
		return nil
	}
	out := *s
	if s.Name == data.DecimalName {
		scale, err := s.Scale()
		switch precision, _ := strconv.Atoi(s.Parameters[precisionKey]); {
		case err != nil || scale < 0 || scale > hiveDigits || precision != 0 && precision < scale:
			out.Name = ""
		case precision == 0 || precision > hiveDigits:
			out.Parameters = maps.Clone(s.Parameters)
			out.Parameters[precisionKey] = strconv.Itoa(hiveDigits)
		}
	}
	out.Key, out.Elem = hiveDecimals(s.Key), hiveDecimals(s.Elem)
	out.Fields = slices.Clone(s.Fields)
	for i, f := range out.Fields {
		out.Fields[i].Schema = hiveDecimals(f.Schema)
	}
	return &out
}

// Without returns a STRUCT without the fields of the given names, upper and
// lower case being the same: a table cannot have a column twice, and the
// partition columns are columns already.
func Without(s *data.Schema, names []string) *data.Schema {
	drop := func(f data.Field) bool {
		return slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, f.Name) })
	}
	if !slices.ContainsFunc(s.Fields, drop) {
		return s
	}
	out := *s
	out.Fields = slices.DeleteFunc(slices.Clone(s.Fields), drop)
	return &out
}
