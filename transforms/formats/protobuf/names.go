package protobuf

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/protobuf/internal/file"
)

// ErrSchema is the cause of every error about a schema that is wrong, or that the other
// side cannot express. ErrValue is that of errors about data.
var (
	ErrSchema = file.ErrSchema
	ErrValue  = file.ErrValue
)

const (
	namespace = "io.confluent.connect.protobuf"
	// UnionName begins the name of a STRUCT that stands for a oneof: it has an optional
	// field for each of its fields, and one of them is not null.
	UnionName = namespace + ".Union"
	// EnumParameter holds the name of an enum. Those that begin with it and a dot hold the
	// numbers of its symbols.
	EnumParameter = namespace + ".Enum"
	// TagParameter holds the number of a field.
	TagParameter = namespace + ".Tag"
	// TypeParameter holds the type of a field where several are one in Connect.
	TypeParameter = namespace + ".Type"
	// WrapperParameter says that a field of a oneof is a wrapper.
	WrapperParameter = namespace + ".Wrapper"

	// The names with generalized.sum.type.support, which Confluent's other converters have
	// in common with this one.
	generalUnion = "org.apache.kafka.connect.data.Union"
	generalEnum  = "org.apache.kafka.connect.data.Enum"

	unnamed = "ConnectDefault"

	// Parameters of Connect's schemas, and of fields in Protobuf.
	connectType      = "connect.type"
	connectPrecision = "connect.decimal.precision"
	connectScale     = "scale"
	metaPrecision    = "precision"
	metaScale        = "scale"
)

// wrappers are the messages that hold one value, in the order of their file.
var wrappers = []struct {
	name, proto string
	kind        data.Kind
}{
	{"DoubleValue", "double", data.Float64}, {"FloatValue", "float", data.Float32}, {"Int64Value", "int64", data.Int64},
	{"UInt64Value", "uint64", data.Int64}, {"Int32Value", "int32", data.Int32}, {"UInt32Value", "uint32", data.Int64},
	{"BoolValue", "bool", data.Boolean}, {"StringValue", "string", data.String}, {"BytesValue", "bytes", data.Bytes},
}

const wrapperPackage = "google.protobuf"

// wrapped returns the kind of the value that a message holds, if it is a wrapper.
func wrapped(fullName string) (data.Kind, bool) {
	for _, w := range wrappers {
		if fullName == wrapperPackage+"."+w.name {
			return w.kind, true
		}
	}
	return 0, false
}

// isUnion reports whether s stands for a oneof.
func isUnion(s *data.Schema) bool {
	return s.Kind == data.Struct && (strings.HasPrefix(s.Name, UnionName) || s.Parameters[generalUnion] != "")
}

// enumOf returns the name of an enum and the parameter that holds it.
func enumOf(s *data.Schema) (name, parameter string) {
	if s.Kind != data.String && s.Kind != data.Int32 {
		return "", ""
	}
	for _, parameter := range []string{EnumParameter, generalEnum} {
		if name, ok := s.Parameters[parameter]; ok {
			return name, parameter
		}
	}
	return "", ""
}

// simple returns a name without its namespace.
func simple(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isName reports whether Protobuf allows a name.
func isName(name string) bool {
	for i := range len(name) {
		if c := name[i]; !isLetter(c) && c != '_' && (i == 0 || !isDigit(c)) {
			return false
		}
	}
	return name != ""
}

// identifier returns a name as Protobuf allows it.
func (o Options) identifier(name string) (string, error) {
	if o.ScrubNames {
		name = scrubbed(name)
	}
	if !isName(name) {
		return "", fmt.Errorf("%w: the name %.80q: want letters, digits and underscores, or set scrub.invalid.names=true",
			ErrSchema, name)
	}
	return name, nil
}

// scrubbed makes a name one that Protobuf allows, as Confluent's converter does: as in a
// URL, with underscores instead of what is not a letter or a digit.
func scrubbed(name string) string {
	if isName(name) && name[0] != '_' {
		return name
	}
	escaped := []byte(url.QueryEscape(name))
	if len(escaped) > 0 && (isDigit(escaped[0]) || escaped[0] == '_') {
		escaped = append([]byte{'x'}, escaped...)
	}
	for i, c := range escaped {
		if !isLetter(c) && !isDigit(c) {
			escaped[i] = '_'
		}
	}
	return string(escaped)
}

// mapName returns the name of a map, from that of the message of its entries.
func mapName(entry string) string {
	i := strings.LastIndexByte(entry, '.') + 1
	last, ok := strings.CutSuffix(entry[i:], "Entry")
	if !ok {
		return entry
	}
	var b strings.Builder
	for j := range len(last) {
		c := last[j]
		if 'A' <= c && c <= 'Z' {
			if j > 0 {
				b.WriteByte('_')
			}
			c += 'a' - 'A'
		}
		b.WriteByte(c)
	}
	return entry[:i] + b.String()
}
