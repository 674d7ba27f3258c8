package datum

import (
	"errors"

	"github.com/suiro/suiro/connect/data"
)

// ErrSchema is the cause of every error about a schema, Avro's or Connect's,
// that the other side cannot express or that is wrong in itself.
var ErrSchema = errors.New("avro schema")

// ErrValue is the cause of an error about data that does not fit its schema.
var ErrValue = errors.New("avro value")

// Parameters of a data.Schema that keep what Avro says and Connect has no place for.
const (
	ParamEnum     = "io.confluent.connect.avro.Enum"
	ParamSymbols  = "avro.enum.symbols"
	ParamFixed    = "connect.fixed.size"
	ParamFixedAs  = "connect.fixed.name"
	ParamNullLast = "avro.null.last"
	ParamLogical  = "avro.logicalType"
	ParamScale    = "scale"
	ParamName     = "avro.name"
	ParamDigits   = "connect.decimal.precision"
)

const (
	defaultPrecision = 64
	// MostDigits bounds the precision of a decimal: more is damage, and 10 to
	// that power would take memory.
	MostDigits = 10_000
)

// NullLast tells where null stands in the union of an optional schema: where a
// parsed one had it, else last with a default, which must be of the first type.
func NullLast(s *data.Schema) bool {
	if said, ok := s.Parameters[ParamNullLast]; ok {
		return said == "true"
	}
	return s.Default != nil
}

// Primitives are the names of the types that are not made of others.
var Primitives = map[data.Kind]string{
	data.Int8: "int", data.Int16: "int", data.Int32: "int", data.Int64: "long", data.Float32: "float",
	data.Float64: "double", data.Boolean: "boolean", data.String: "string", data.Bytes: "bytes",
}
