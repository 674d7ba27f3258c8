// Package file compiles the text of Protobuf schemas, and finds messages in what comes of
// it. It knows nothing of Kafka Connect.
package file

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/suiro/suiro/transforms/formats/internal/extent"
	"github.com/suiro/suiro/transforms/formats/registry"
)

// ErrSchema is the cause of every error about a schema that is wrong, or that the other
// side cannot express. ErrValue is that of errors about data.
var (
	ErrSchema = errors.New("protobuf schema")
	ErrValue  = errors.New("protobuf value")
)

// MaxText is the longest text of a schema that is compiled, together with the files that
// it imports from the registry, in bytes. The compiler takes a hundred times as much memory.
const MaxText = 1 << 20

// mainFile is the name of the schema itself. Others import what it refers to by the name
// that the registry has for the reference.
const mainFile = "schema.suiro.proto"

// Compile compiles a schema. It is text, or a file descriptor in base64, as some clients
// register it.
func Compile(text string, references []registry.Reference) (protoreflect.FileDescriptor, error) {
	length := len(text)
	files := map[string]string{mainFile: text}
	for _, r := range references {
		length += len(r.Text)
		for _, name := range r.Names {
			files[name] = r.Text
		}
	}
	if length > MaxText {
		return nil, fmt.Errorf("%w: its text has %d bytes: want at most %d", ErrSchema, length, MaxText)
	}
	for _, text := range files {
		if depth(text) > extent.MaxDepth {
			return nil, fmt.Errorf("%w: %w", ErrSchema, extent.ErrDepth)
		}
	}
	find := protocompile.ResolverFunc(func(path string) (protocompile.SearchResult, error) {
		if text, ok := files[path]; ok {
			return source(path, text), nil
		}
		if text, ok := known[path]; ok {
			return source(path, text), nil
		}
		return protocompile.SearchResult{}, fmt.Errorf("%.200q is neither a reference of the schema in the registry "+
			"nor one of Protobuf's own files", path)
	})
	c := protocompile.Compiler{Resolver: protocompile.WithStandardImports(find), MaxParallelism: 1}
	compiled, err := c.Compile(context.Background(), mainFile)
	if err != nil {
		return nil, fmt.Errorf("%w: %.500s", ErrSchema, strings.TrimPrefix(err.Error(), mainFile+":"))
	}
	return compiled[0], nil
}

// depth returns how deep the braces of a text are nested, about: the compiler takes much
// memory for each.
func depth(text string) (deepest int) {
	at := 0
	for i := range len(text) {
		switch text[i] {
		case '{':
			at++
			deepest = max(deepest, at)
		case '}':
			at--
		}
	}
	return deepest
}

func source(path, text string) protocompile.SearchResult {
	if raw, err := base64.StdEncoding.DecodeString(text); err == nil && len(raw) > 0 {
		file := &descriptorpb.FileDescriptorProto{}
		if proto.Unmarshal(raw, file) == nil {
			file.Name = &path // whatever its client calls it
			nameFields(file.MessageType)
			return protocompile.SearchResult{Proto: file}
		}
	}
	return protocompile.SearchResult{Source: strings.NewReader(text)}
}

// nameFields gives fields their names in JSON, which descriptors may leave out and the
// compiler compares.
func nameFields(list []*descriptorpb.DescriptorProto) {
	for _, m := range list {
		for _, f := range m.Field {
			if f.JsonName == nil {
				f.JsonName = proto.String(jsonName(f.GetName()))
			}
		}
		nameFields(m.NestedType)
	}
}

// jsonName returns a name without underscores, with a capital after each.
func jsonName(name string) string {
	var out []byte
	upper := false
	for i := range len(name) {
		c := name[i]
		if c == '_' {
			upper = true
			continue
		}
		if upper && 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		upper = false
		out = append(out, c)
	}
	return string(out)
}

// PlaceOf returns where a message is in its file: its place, and those of the messages
// that it is in.
func PlaceOf(m protoreflect.MessageDescriptor) []int {
	if outer, ok := m.Parent().(protoreflect.MessageDescriptor); ok {
		return append(PlaceOf(outer), m.Index())
	}
	return []int{m.Index()}
}

// MessageAt returns the message at a place.
func MessageAt(file protoreflect.FileDescriptor, indexes []int) (protoreflect.MessageDescriptor, error) {
	list := file.Messages()
	var m protoreflect.MessageDescriptor
	for _, i := range indexes {
		if i < 0 || i >= list.Len() {
			return nil, fmt.Errorf("%w: it is of message %v of the schema, which has no such message", ErrValue, indexes)
		}
		m = list.Get(i)
		list = m.Messages()
	}
	return m, nil
}

// metaNumber is the number of Confluent's option confluent.field_meta, and paramsNumber
// that of the parameters in it.
const (
	metaNumber   = 1088
	paramsNumber = 2
)

// ParametersOf returns the parameters that Confluent's converter writes beside a field.
func ParametersOf(f protoreflect.FieldDescriptor) map[string]string {
	raw, err := proto.Marshal(f.Options())
	if err != nil {
		return nil
	}
	params := map[string]string{}
	eachBytes(raw, metaNumber, func(meta []byte) {
		eachBytes(meta, paramsNumber, func(entry []byte) {
			var key, value string
			eachBytes(entry, 1, func(b []byte) { key = string(b) })
			eachBytes(entry, 2, func(b []byte) { value = string(b) })
			params[key] = value
		})
	})
	return params
}
