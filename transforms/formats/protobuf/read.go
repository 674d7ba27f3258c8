package protobuf

import (
	"fmt"
	"strconv"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/internal/extent"
	"github.com/suiro/suiro/transforms/formats/protobuf/internal/file"
)

// reader turns messages into Connect schemas, and into layouts, which say how data of
// such a schema is read.
type reader struct {
	Options
	open  map[protoreflect.FullName]bool // what is being read
	known map[protoreflect.FullName]*layout
}

// layout says how a value is read.
type layout struct {
	schema  *data.Schema
	unwrap  bool     // the value is in a wrapper
	members []member // of a STRUCT
	elem    *layout  // of an ARRAY or a MAP
}

// member is a field of a STRUCT: a field, or a oneof.
type member struct {
	name   string
	field  protoreflect.FieldDescriptor
	oneof  protoreflect.OneofDescriptor // nil for a field
	choice []member                     // of a oneof
	layout *layout                      // of a field
	always bool                         // a field that is not there is its zero value, not null
}

func newReader(o Options) reader {
	return reader{o, map[protoreflect.FullName]bool{}, map[protoreflect.FullName]*layout{}}
}

// record returns the layout of a message that is a whole record.
func (r *reader) record(m protoreflect.MessageDescriptor) (*layout, error) {
	kind, is := wrapped(string(m.FullName()))
	if is && !r.KeepRootWrappers {
		return &layout{schema: &data.Schema{Kind: kind}, unwrap: true}, nil
	}
	l, err := r.message(m)
	if err != nil {
		return nil, err
	}
	if err := extent.Check(l.schema); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSchema, err)
	}
	return l, nil
}

func (r *reader) nameOf(d protoreflect.Descriptor) string {
	if r.FullNames {
		return string(d.FullName())
	}
	return string(d.Name())
}

// message reads a message as a STRUCT: its oneofs, then its other fields.
func (r *reader) message(m protoreflect.MessageDescriptor) (*layout, error) {
	full := m.FullName()
	if l := r.known[full]; l != nil {
		return l, nil
	}
	switch {
	case r.open[full]:
		return nil, fmt.Errorf("%w: %.200s contains itself, which is not supported", ErrSchema, full)
	case len(r.open) > extent.MaxDepth:
		return nil, fmt.Errorf("%w: %w", ErrSchema, extent.ErrDepth)
	}
	r.open[full] = true
	defer delete(r.open, full)
	l := &layout{schema: &data.Schema{Kind: data.Struct, Name: r.nameOf(m)}}
	for i := range m.Oneofs().Len() {
		if err := r.oneof(l, m.Oneofs().Get(i)); err != nil {
			return nil, err
		}
	}
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		if o := f.ContainingOneof(); o != nil && !o.IsSynthetic() {
			continue
		}
		if err := r.add(l, f, false); err != nil {
			return nil, err
		}
	}
	if err := distinct(l.schema); err != nil {
		return nil, err
	}
	r.known[full] = l
	return l, nil
}

// distinct checks that a oneof has no name that a field has too.
func distinct(s *data.Schema) error {
	seen := make(map[string]bool, len(s.Fields))
	for _, f := range s.Fields {
		if seen[f.Name] {
			return fmt.Errorf("%w: %.200s has a field and a oneof that are both called %.80s", ErrSchema, s.Name, f.Name)
		}
		seen[f.Name] = true
	}
	return nil
}

// oneof adds a oneof to a STRUCT, as one field or as its fields.
func (r *reader) oneof(l *layout, o protoreflect.OneofDescriptor) error {
	if o.IsSynthetic() {
		return nil
	}
	of := &layout{schema: &data.Schema{Kind: data.Struct, Optional: true}}
	if r.FlattenUnions {
		of = l
	}
	for i := range o.Fields().Len() {
		if err := r.add(of, o.Fields().Get(i), true); err != nil {
			return err
		}
	}
	if r.FlattenUnions {
		return nil
	}
	name := string(o.Name())
	if r.GeneralSums {
		of.schema.Name, of.schema.Parameters = name, map[string]string{generalUnion: name}
	} else {
		of.schema.Name = UnionName + "." + r.nameOf(o)
	}
	if !r.PlainUnionNames {
		name += "_" + strconv.Itoa(o.Index())
	}
	l.schema.Fields = append(l.schema.Fields, data.Field{Name: name, Schema: of.schema})
	l.members = append(l.members, member{name: name, oneof: o, choice: of.members})
	return nil
}

func (r *reader) add(l *layout, f protoreflect.FieldDescriptor, inOneof bool) error {
	of, err := r.field(f, inOneof)
	if err != nil {
		return data.InField(string(f.Name()), err)
	}
	l.schema.Fields = append(l.schema.Fields, data.Field{Name: string(f.Name()), Schema: of.schema})
	isMessage := f.Message() != nil && !f.IsList() && !f.IsMap()
	l.members = append(l.members, member{name: string(f.Name()), field: f, layout: of,
		always: !inOneof && (!isMessage && !r.isOptional(f) || r.StructsForNulls && isMessage && len(of.members) > 0)})
	return nil
}

// isOptional reports whether a field that is not there is null, though it is not a message.
func (r *reader) isOptional(f protoreflect.FieldDescriptor) bool {
	return f.HasOptionalKeyword() && (f.ParentFile().Syntax() == protoreflect.Proto3 || !r.IgnoreProto2Optional)
}

// field returns the layout of a field, whose schema is its own.
func (r *reader) field(f protoreflect.FieldDescriptor, inOneof bool) (*layout, error) {
	l, err := r.value(f)
	if err != nil {
		return nil, err
	}
	if f.IsList() {
		l.schema.Optional = true
		l = &layout{schema: &data.Schema{Kind: data.Array, Elem: l.schema, Optional: true}, elem: l}
	}
	s := l.schema
	switch {
	case inOneof:
		s.Optional = true
		if _, is := wrapperOf(f); is && r.WrapperNullables {
			set(s, WrapperParameter, "true")
		}
	case r.OptionalNullables:
		s.Optional = s.Optional || f.HasOptionalKeyword()
	case !r.WrapperNullables:
		s.Optional = true
	}
	set(s, TagParameter, strconv.Itoa(int(f.Number())))
	return l, nil
}

func set(s *data.Schema, name, value string) {
	if s.Parameters == nil {
		s.Parameters = map[string]string{}
	}
	s.Parameters[name] = value
}

func wrapperOf(f protoreflect.FieldDescriptor) (data.Kind, bool) {
	if f.Message() == nil {
		return 0, false
	}
	return wrapped(string(f.Message().FullName()))
}

var kinds = map[protoreflect.Kind]data.Kind{
	protoreflect.BoolKind: data.Boolean, protoreflect.StringKind: data.String, protoreflect.BytesKind: data.Bytes,
	protoreflect.FloatKind: data.Float32, protoreflect.DoubleKind: data.Float64,
	protoreflect.Int32Kind: data.Int32, protoreflect.Sint32Kind: data.Int32, protoreflect.Sfixed32Kind: data.Int32,
	protoreflect.Uint32Kind: data.Int64, protoreflect.Fixed32Kind: data.Int64, protoreflect.Int64Kind: data.Int64,
	protoreflect.Sint64Kind: data.Int64, protoreflect.Uint64Kind: data.Int64, protoreflect.Sfixed64Kind: data.Int64,
	protoreflect.Fixed64Kind: data.Int64,
}

// value returns the layout of one value of a field.
func (r *reader) value(f protoreflect.FieldDescriptor) (*layout, error) {
	switch {
	case f.IsMap():
		return r.mapping(f)
	case f.Enum() != nil:
		return &layout{schema: r.enum(f.Enum())}, nil
	case f.Message() != nil:
		return r.part(f)
	}
	s := &data.Schema{Kind: kinds[f.Kind()]}
	switch s.Kind {
	case data.Int32:
		switch file.ParametersOf(f)[connectType] {
		case "int8":
			s.Kind = data.Int8
			return &layout{schema: s}, nil
		case "int16":
			s.Kind = data.Int16
			return &layout{schema: s}, nil
		}
		if f.Kind() != protoreflect.Int32Kind {
			set(s, TypeParameter, f.Kind().String())
		}
	case data.Int64:
		if f.Kind() != protoreflect.Int64Kind {
			set(s, TypeParameter, f.Kind().String())
		}
	}
	return &layout{schema: s}, nil
}

// part returns the layout of a message in another one.
func (r *reader) part(f protoreflect.FieldDescriptor) (*layout, error) {
	logical := func(kind data.Kind, name string) (*layout, error) {
		return &layout{schema: &data.Schema{Kind: kind, Name: name, Version: 1, Optional: true}}, nil
	}
	switch f.Message().FullName() {
	case file.TypeDecimal:
		return &layout{schema: decimal(file.ParametersOf(f))}, nil
	case file.TypeDate:
		return logical(data.Int32, data.DateName)
	case file.TypeTime:
		return logical(data.Int32, data.TimeName)
	case file.TypeTimestamp:
		return logical(data.Int64, data.TimestampName)
	}
	if kind, is := wrapperOf(f); is && r.WrapperNullables {
		return &layout{schema: &data.Schema{Kind: kind, Optional: true}, unwrap: true}, nil
	}
	l, err := r.message(f.Message())
	if err != nil {
		return nil, err
	}
	own, s := *l, *l.schema
	s.Optional = true
	own.schema = &s
	return &own, nil
}

func decimal(params map[string]string) *data.Schema {
	s := &data.Schema{Kind: data.Bytes, Name: data.DecimalName, Version: 1, Optional: true}
	scale, err := strconv.Atoi(params[metaScale])
	if err != nil {
		scale = 0
	}
	set(s, connectScale, strconv.Itoa(scale))
	if n, err := strconv.Atoi(params[metaPrecision]); err == nil {
		set(s, connectPrecision, strconv.Itoa(n))
	}
	return s
}

func (r *reader) enum(e protoreflect.EnumDescriptor) *data.Schema {
	s := &data.Schema{Kind: data.String, Name: r.nameOf(e), Optional: true}
	if r.IntEnums {
		s.Kind = data.Int32
	}
	parameter := EnumParameter
	if r.GeneralSums {
		parameter = generalEnum
	}
	set(s, parameter, string(e.Name()))
	for i := range e.Values().Len() {
		v := e.Values().Get(i)
		set(s, parameter+"."+string(v.Name()), strconv.Itoa(int(v.Number())))
	}
	return s
}

func (r *reader) mapping(f protoreflect.FieldDescriptor) (*layout, error) {
	key, err := r.field(f.MapKey(), false)
	if err != nil {
		return nil, err
	}
	elem, err := r.field(f.MapValue(), false)
	if err != nil {
		return nil, err
	}
	s := &data.Schema{Kind: data.Map, Name: mapName(r.nameOf(f.Message())), Key: key.schema, Elem: elem.schema,
		Optional: true}
	return &layout{schema: s, elem: elem}, nil
}
