package jsonschema

import (
	"strconv"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/jsonschema/internal/document"
)

const (
	namespace = "io.confluent.connect.json"
	// UnionName is the name of a STRUCT that stands for one of several types: it has an
	// optional field for each, and one of them is not null.
	UnionName = namespace + ".OneOf"
	// EnumParameter marks a STRING that is one of a few texts. The parameters that begin
	// with it and a dot are the texts.
	EnumParameter = namespace + ".Enum"

	// The names with generalized.sum.type.support, which Confluent's other converters have
	// in common with this one.
	generalUnion = "org.apache.kafka.connect.data.Union"
	generalEnum  = "org.apache.kafka.connect.data.Enum"
	generalName  = "connect_union_"
	generalField = "connect_union_field_"
)

// The properties that Confluent's converter writes about Connect's schemas.
const (
	propType       = "connect.type"
	propVersion    = "connect.version"
	propParameters = "connect.parameters"
	propIndex      = "connect.index"
)

// The members of an entry of a map whose keys are not strings.
const (
	entryKey   = "key"
	entryValue = "value"
)

// isUnion reports whether s stands for one of several types.
func isUnion(s *data.Schema) bool {
	return s.Kind == data.Struct && (s.Name == UnionName || s.Parameters[generalUnion] != "")
}

// newUnion returns the schema of a union without its fields. number is how many the
// schema has before it.
func (o Options) newUnion(number int) *data.Schema {
	if !o.GeneralSums {
		return &data.Schema{Kind: data.Struct, Name: UnionName}
	}
	name := generalName + strconv.Itoa(number)
	return &data.Schema{Kind: data.Struct, Name: name, Parameters: map[string]string{generalUnion: name}}
}

func (o Options) unionField(i int) string {
	if o.GeneralSums {
		return generalField + strconv.Itoa(i)
	}
	return UnionName + ".field." + strconv.Itoa(i)
}

// newEnum returns the schema of one of a few texts.
func (o Options) newEnum(symbols []string) *data.Schema {
	s := &data.Schema{Kind: data.String, Parameters: map[string]string{}}
	if !o.GeneralSums {
		s.Parameters[EnumParameter] = ""
		for _, symbol := range symbols {
			s.Parameters[EnumParameter+"."+symbol] = symbol
		}
		return s
	}
	s.Parameters[generalEnum] = ""
	for i, symbol := range symbols {
		s.Parameters[generalEnum+"."+symbol] = strconv.Itoa(i)
	}
	return s
}

// ErrSchema is the cause of every error about a schema that is wrong, or that the other
// side cannot express.
var ErrSchema = document.ErrSchema
