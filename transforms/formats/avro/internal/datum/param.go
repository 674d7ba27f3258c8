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

// UnionName is the name of a STRUCT that stands for a union of several types: it
// has a field for each type, and only one of them is not null.
const UnionName = "io.confluent.connect.avro.Union"

// Parameters of a [data.Schema] for what Avro has and Connect does not.
const (
	// ParamEnum is the full name of an enum, and ParamSymbols its symbols, separated
	// by commas.
	ParamEnum    = "io.confluent.connect.avro.Enum"
	ParamSymbols = "avro.enum.symbols"
	// ParamFixed is the size of a fixed in bytes, and ParamFixedAs its full name.
	ParamFixed   = "connect.fixed.size"
	ParamFixedAs = "connect.fixed.name"
	// ParamNullLast is "true" when null is the second type of an optional type.
	// ParamNullAt is the place of null in a union of several types, from 0.
	ParamNullLast = "avro.null.last"
	ParamNullAt   = "avro.null.at"
	// ParamSingle marks a union of one type, whose values have a branch too.
	ParamSingle = "avro.union.of.one"
	// ParamLogical is a logical type that Connect does not have.
	ParamLogical = "avro.logicalType"
	// ParamScale and ParamDigits are the scale and the precision of a Decimal.
	ParamScale  = "scale"
	ParamDigits = "connect.decimal.precision"
	// ParamName is the Avro name of a field that has another name in Connect.
	ParamName = "avro.name"
)

// Layout lists the parameters that decide how bytes are read. A schema's text
// cannot set them directly, or it could make its own data unreadable.
var Layout = []string{ParamEnum, ParamSymbols, ParamFixed, ParamFixedAs, ParamNullLast, ParamNullAt, ParamSingle,
	ParamLogical, ParamName}

const (
	// DefaultPrecision is the precision of a Decimal without ParamDigits, the same
	// as in Confluent's converter.
	DefaultPrecision = 64
	// MaxDigits bounds the precision and the scale of a decimal. A larger number is
	// surely damage, and computing 10 to its power would take much memory.
	MaxDigits = 10_000
)

// IsUnion reports whether s is a union of several types.
func IsUnion(s *data.Schema) bool { return s.Kind == data.Struct && s.Name == UnionName }

// NullAt returns the place of null in an optional union of several types: that of
// the Avro schema it was read from, or else the first; with a default the last,
// because a default must be of the first type.
func NullAt(s *data.Schema) int {
	if n, err := strconv.Atoi(s.Parameters[ParamNullAt]); err == nil && n >= 0 && n <= len(s.Fields) {
		return n
	}
	if s.Default != nil {
		return len(s.Fields)
	}
	return 0
}

// NullLast reports whether null is the second type of an optional type: as in the
// Avro schema it was read from, or else when there is a default, because a default
// must be of the first type.
func NullLast(s *data.Schema) bool {
	if said, ok := s.Parameters[ParamNullLast]; ok {
		return said == "true"
	}
	return s.Default != nil
}

// NullFirst reports whether s is optional and null is the first type of its union,
// so that null can be the default.
func NullFirst(s *data.Schema) bool {
	if IsUnion(s) {
		return s.Optional && NullAt(s) == 0
	}
	return s.Optional && !NullLast(s)
}

// Primitives are Avro's names of the types that do not contain others.
var Primitives = map[data.Kind]string{
	data.Int8: "int", data.Int16: "int", data.Int32: "int", data.Int64: "long", data.Float32: "float",
	data.Float64: "double", data.Boolean: "boolean", data.String: "string", data.Bytes: "bytes",
}
