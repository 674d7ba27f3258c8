package datum

import (
	"errors"
	"strconv"

	"github.com/suiro/suiro/connect/data"
)

// ErrSchema is the cause of every error about a schema, Avro's or Connect's,
// that the other side cannot express or that is wrong in itself.
var ErrSchema = errors.New("avro schema")

// ErrValue is the cause of an error about data that does not fit its schema.
var ErrValue = errors.New("avro value")

// UnionName is the name of a STRUCT that is a union of several types: a field
// for each type, of which one is not null.
const UnionName = "io.confluent.connect.avro.Union"

// Parameters of a [data.Schema] that keep what Avro says and Connect has no place for.
const (
	// ParamEnum is the full name of an enum, ParamSymbols its symbols with commas
	// between.
	ParamEnum    = "io.confluent.connect.avro.Enum"
	ParamSymbols = "avro.enum.symbols"
	// ParamFixed is the size of a fixed, ParamFixedAs its full name.
	ParamFixed   = "connect.fixed.size"
	ParamFixedAs = "connect.fixed.name"
	// ParamNullLast says whether null is the last of the two types of an optional
	// type, ParamNullAt where it is among the types of a union of several.
	ParamNullLast = "avro.null.last"
	ParamNullAt   = "avro.null.at"
	// ParamSingle marks a union of one type, which has a branch to write.
	ParamSingle = "avro.union.of.one"
	// ParamLogical is a logical type that Connect has none for.
	ParamLogical = "avro.logicalType"
	// ParamScale and ParamDigits are the scale and the precision of a Decimal.
	ParamScale  = "scale"
	ParamDigits = "connect.decimal.precision"
	// ParamName is the Avro name of a field that is called otherwise in Connect.
	ParamName = "avro.name"
)

// Layout are the parameters that say how bytes are laid out. A schema's text
// cannot set them but by what they stand for.
var Layout = []string{ParamEnum, ParamSymbols, ParamFixed, ParamFixedAs, ParamNullLast, ParamNullAt, ParamSingle,
	ParamLogical, ParamName}

const (
	// DefaultPrecision is that of a Decimal that names none, as Confluent's
	// converter has it.
	DefaultPrecision = 64
	// MostDigits bounds the precision and the scale of a decimal: more is damage,
	// and 10 to that power would take memory.
	MostDigits = 10_000
)

// IsUnion reports whether s is a union of several types.
func IsUnion(s *data.Schema) bool { return s.Kind == data.Struct && s.Name == UnionName }

// NullAt tells where null stands among the types of an optional union of
// several: where a parsed one had it, else first, or last with a default, which
// must be of the first type.
func NullAt(s *data.Schema) int {
	if n, err := strconv.Atoi(s.Parameters[ParamNullAt]); err == nil && n >= 0 && n <= len(s.Fields) {
		return n
	}
	if s.Default != nil {
		return len(s.Fields)
	}
	return 0
}

// NullLast tells where null stands in the union of an optional schema: where a
// parsed one had it, else last with a default, which must be of the first type.
func NullLast(s *data.Schema) bool {
	if said, ok := s.Parameters[ParamNullLast]; ok {
		return said == "true"
	}
	return s.Default != nil
}

// NullFirst reports whether null is the first type of the union that s is, so
// that it can be a default.
func NullFirst(s *data.Schema) bool {
	if IsUnion(s) {
		return s.Optional && NullAt(s) == 0
	}
	return s.Optional && !NullLast(s)
}

// Primitives are the names of the types that are not made of others.
var Primitives = map[data.Kind]string{
	data.Int8: "int", data.Int16: "int", data.Int32: "int", data.Int64: "long", data.Float32: "float",
	data.Float64: "double", data.Boolean: "boolean", data.String: "string", data.Bytes: "bytes",
}
