package protobuf

import (
	"fmt"
	"strings"
	"sync"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/internal/room"
	"github.com/suiro/suiro/transforms/formats/protobuf/internal/file"
	"github.com/suiro/suiro/transforms/formats/registry"
)

// Options changes how schemas and data map. The zero value is the default of Confluent's
// converter.
type Options struct {
	// FullNames keeps the packages in names (enhanced.protobuf.schema.support).
	FullNames bool
	// ScrubNames makes names ones that Protobuf allows (scrub.invalid.names). Default: such
	// names are an error.
	ScrubNames bool
	// IntEnums reads enums as INT32 (int.for.enums). Default: STRING.
	IntEnums bool
	// OptionalNullables has optional fields stand for optional schemas
	// (optional.for.nullables).
	OptionalNullables bool
	// IgnoreProto2Optional gives fields that are optional in proto2 their default when they
	// are not there (optional.for.proto2=false). Default: null.
	IgnoreProto2Optional bool
	// WrapperNullables has wrappers such as google.protobuf.Int32Value stand for optional
	// schemas (wrapper.for.nullables). Default: a wrapper is a STRUCT.
	WrapperNullables bool
	// KeepRootWrappers reads a record that is a wrapper as a STRUCT
	// (wrapper.for.raw.primitives=false). Default: as the value in it.
	KeepRootWrappers bool
	// StructsForNulls reads a message that is not there as one without fields
	// (generate.struct.for.nulls). Default: null.
	StructsForNulls bool
	// PlainUnionNames names the field of a oneof as the oneof
	// (generate.index.for.unions=false). Default: with its number, as in kind_0.
	PlainUnionNames bool
	// FlattenUnions reads the fields of a oneof as fields of the message (flatten.unions).
	FlattenUnions bool
	// KeepNulls leaves out a null whose schema has a default
	// (ignore.default.for.nullables). Default: the default is written.
	KeepNulls bool
	// GeneralSums names unions and enums as all of Confluent's converters do
	// (generalized.sum.type.support). Default: as this one does.
	GeneralSums bool
}

// Format returns the format of Protobuf.
func Format(o Options) *registry.Format {
	return &registry.Format{
		Name: "Protobuf", Type: "PROTOBUF", ErrSchema: ErrSchema, ErrValue: ErrValue,
		Hint: "is it Protobuf without a registry, which does not say its schema, or another format?",
		Parse: func(text string, references []registry.Reference) (registry.Codec, error) {
			return Parse(text, references, o)
		},
		New: func(s *data.Schema) (registry.Codec, error) { return New(s, o) },
	}
}

// Codec writes and reads the messages of one file. It may be shared by goroutines.
type Codec struct {
	options Options
	text    string
	size    int
	file    protoreflect.FileDescriptor
	own     protoreflect.MessageDescriptor // of the schema that the codec was made of, or nil
	named   map[string]protoreflect.MessageDescriptor

	mu      sync.Mutex
	reader  reader                            // guarded by mu
	layouts map[protoreflect.FullName]*layout // guarded by mu
}

var _ registry.Codec = (*Codec)(nil)

// New returns the codec of a Connect schema.
func New(s *data.Schema, o Options) (*Codec, error) {
	text, index, err := Text(s, o)
	if err != nil {
		return nil, err
	}
	c, err := Parse(text, nil, o)
	if err != nil {
		return nil, err
	}
	c.own = c.file.Messages().Get(index)
	return c, nil
}

// Parse returns the codec of the text of a Protobuf schema.
func Parse(text string, references []registry.Reference, o Options) (*Codec, error) {
	compiled, err := file.Compile(text, references)
	if err != nil {
		return nil, err
	}
	if compiled.Messages().Len() == 0 {
		return nil, fmt.Errorf("%w: it has no message", ErrSchema)
	}
	size := len(text)
	for _, r := range references {
		size += len(r.Text)
	}
	c := &Codec{options: o, text: text, size: size, file: compiled, reader: newReader(o),
		named: map[string]protoreflect.MessageDescriptor{}, layouts: map[protoreflect.FullName]*layout{}}
	byName(compiled.Messages(), c.named)
	return c, nil
}

// Text returns the Protobuf schema.
func (c *Codec) Text() string { return c.text }

// Size implements [registry.Codec].
func (c *Codec) Size() int { return 20<<10 + 100*c.size }

// layout returns how a message is read.
func (c *Codec) layout(m protoreflect.MessageDescriptor) (*layout, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l := c.layouts[m.FullName()]; l != nil {
		return l, nil
	}
	l, err := c.reader.record(m)
	if err != nil {
		return nil, err
	}
	c.layouts[m.FullName()] = l
	return l, nil
}

// Append appends where the message is in the schema, and the message.
func (c *Codec) Append(dst []byte, s *data.Schema, value any) ([]byte, error) {
	of := c.messageOf(s)
	if s == nil {
		l, err := c.layout(of)
		if err != nil {
			return dst, err
		}
		s = l.schema
	}
	m, err := encoding{c.options}.message(of, s, value)
	if err != nil {
		return dst, err
	}
	out := file.AppendPlace(dst, file.PlaceOf(of))
	out, err = proto.MarshalOptions{Deterministic: true}.MarshalAppend(out, m.Interface())
	if err != nil {
		return dst, fmt.Errorf("%w: %s", ErrValue, reason(err))
	}
	return out, nil
}

// messageOf returns the message that data of a schema is written as: the one that has its
// name, or the first.
func (c *Codec) messageOf(s *data.Schema) protoreflect.MessageDescriptor {
	if c.own != nil {
		return c.own
	}
	if s != nil {
		if m := c.named[s.Name]; m != nil {
			return m
		}
	}
	return c.file.Messages().Get(0)
}

// byName adds messages by their names, with the package and without it: of several with
// one name the first.
func byName(list protoreflect.MessageDescriptors, named map[string]protoreflect.MessageDescriptor) {
	for i := range list.Len() {
		m := list.Get(i)
		for _, name := range []string{string(m.FullName()), string(m.Name())} {
			if named[name] == nil {
				named[name] = m
			}
		}
	}
	for i := range list.Len() {
		byName(list.Get(i).Messages(), named)
	}
}

// Decode reads a message.
func (c *Codec) Decode(raw []byte) (*data.Schema, any, error) {
	indexes, rest, err := file.CutPlace(raw)
	if err != nil {
		return nil, nil, err
	}
	of, err := file.MessageAt(c.file, indexes)
	if err != nil {
		return nil, nil, err
	}
	l, err := c.layout(of)
	if err != nil {
		return nil, nil, err
	}
	m := dynamicpb.NewMessage(of)
	if err := unmarshal(rest, m); err != nil {
		return nil, nil, fmt.Errorf("%w: decode %d bytes as %s: %s", ErrValue, len(rest), of.FullName(), reason(err))
	}
	d := decoding{room.For(len(rest))}
	v, err := d.message(l, m)
	if err != nil {
		return nil, nil, err
	}
	return l.schema, v, nil
}

// unmarshal reads a message. The library panics at an entry of a map whose key comes twice, the
// second time as another type on the wire: https://pkg.go.dev/google.golang.org/protobuf v1.36.12,
// unmarshalMap. A record of a stranger must not end a worker.
func unmarshal(raw []byte, m proto.Message) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the bytes are no message: %v", p)
		}
	}()
	return proto.Unmarshal(raw, m)
}

// reason is the text of an error of the library, which begins with a name and a blank that
// differs from build to build.
func reason(err error) string {
	return strings.TrimLeft(strings.TrimPrefix(err.Error(), "proto:"), " \u00a0")
}
