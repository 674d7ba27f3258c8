package protobuf

import (
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/protobuf/internal/file"
)

// encoding writes values of Connect's schemas into messages, field by field of the same
// name.
type encoding struct{ Options }

func wrong(s *data.Schema, v any) error {
	if s == nil {
		return fmt.Errorf("%w: %s, without a schema", ErrValue, data.Describe(v))
	}
	return fmt.Errorf("%w: %s for %v %.200s", ErrValue, data.Describe(v), s.Kind, s.Name)
}

// message returns the message of a value.
func (e encoding) message(of protoreflect.MessageDescriptor, s *data.Schema, v any) (protoreflect.Message, error) {
	if _, is := wrapped(string(of.FullName())); is {
		return e.wrapper(of, s, v)
	}
	m, ok := v.(map[string]any)
	if !ok || s == nil || s.Kind != data.Struct {
		return nil, wrong(s, v)
	}
	out := dynamicpb.NewMessage(of)
	found := 0
	for i := range s.Fields {
		f := &s.Fields[i]
		item, ok := m[f.Name]
		if ok {
			found++
		}
		if item == nil && !e.KeepNulls {
			item = f.Schema.Default
		}
		if item == nil {
			continue
		}
		if err := e.member(out, f, item); err != nil {
			return nil, data.InField(f.Name, err)
		}
	}
	if found < len(m) {
		return nil, unknownField(s, m)
	}
	return out, nil
}

// unknownField names the field of m that s does not have.
func unknownField(s *data.Schema, m map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if s.Field(name) == nil {
			return fmt.Errorf("%w: field %.80q is not in the schema", ErrValue, name)
		}
	}
	return nil
}

func (e encoding) member(out protoreflect.Message, f *data.Field, v any) error {
	if !isUnion(f.Schema) {
		return e.set(out, f.Name, f.Schema, v)
	}
	m, ok := v.(map[string]any)
	if !ok {
		return wrong(f.Schema, v)
	}
	chosen := ""
	for _, branch := range f.Schema.Fields {
		switch {
		case m[branch.Name] == nil:
			continue
		case chosen != "":
			return fmt.Errorf("%w: a oneof with two values, %s and %s", ErrValue, chosen, branch.Name)
		}
		chosen = branch.Name
		if err := e.set(out, branch.Name, branch.Schema, m[branch.Name]); err != nil {
			return data.InField(branch.Name, err)
		}
	}
	if chosen == "" {
		return fmt.Errorf("%w: a oneof without a value", ErrValue)
	}
	return nil
}

// set sets the field of a name.
func (e encoding) set(out protoreflect.Message, name string, s *data.Schema, v any) error {
	if e.ScrubNames {
		name = scrubbed(name)
	}
	f := out.Descriptor().Fields().ByName(protoreflect.Name(name))
	if f == nil {
		return fmt.Errorf("%w: the schema in the registry has no field %.80q", ErrValue, name)
	}
	if o := f.ContainingOneof(); o != nil && out.WhichOneof(o) != nil {
		return fmt.Errorf("%w: a oneof with two values, %s and %s", ErrValue, out.WhichOneof(o).Name(), name)
	}
	switch {
	case f.IsList():
		return e.list(out, f, s, v)
	case f.IsMap():
		return e.mapping(out, f, s, v)
	}
	value, err := e.single(f, s, v)
	if err == nil {
		out.Set(f, value)
	}
	return err
}

func (e encoding) list(out protoreflect.Message, f protoreflect.FieldDescriptor, s *data.Schema, v any) error {
	list, ok := v.([]any)
	if !ok || s.Kind != data.Array {
		return wrong(s, v)
	}
	to := out.Mutable(f).List()
	for i, item := range list {
		value, err := e.single(f, s.Elem, item)
		if err != nil {
			return data.InField(strconv.Itoa(i), err)
		}
		to.Append(value)
	}
	return nil
}

func (e encoding) mapping(out protoreflect.Message, f protoreflect.FieldDescriptor, s *data.Schema, v any) error {
	if s.Kind != data.Map {
		return wrong(s, v)
	}
	all := map[any]any{}
	switch m := v.(type) {
	case map[string]any:
		for k, item := range m {
			all[k] = item
		}
	case map[any]any:
		all = m
	default:
		return wrong(s, v)
	}
	to := out.Mutable(f).Map()
	for k, item := range all {
		key, err := e.single(f.MapKey(), s.Key, k)
		if err != nil {
			return fmt.Errorf("key: %w", err)
		}
		value, err := e.single(f.MapValue(), s.Elem, item)
		if err != nil {
			return data.InField(fmt.Sprint(k), err)
		}
		to.Set(key.MapKey(), value)
	}
	return nil
}

// single returns one value of a field.
func (e encoding) single(f protoreflect.FieldDescriptor, s *data.Schema, v any) (protoreflect.Value, error) {
	if v == nil && s != nil && !e.KeepNulls {
		v = s.Default
	}
	switch {
	case v == nil:
		return protoreflect.Value{}, fmt.Errorf("%w: null in a list or a map, which Protobuf cannot express", ErrValue)
	case f.Enum() != nil:
		return number(f.Enum(), s, v)
	case f.Message() != nil:
		m, err := e.part(f.Message(), s, v)
		return protoreflect.ValueOfMessage(m), err
	}
	return scalar(f, s, v)
}

// part returns a message in another one.
func (e encoding) part(of protoreflect.MessageDescriptor, s *data.Schema, v any) (protoreflect.Message, error) {
	switch of.FullName() {
	case file.TypeDecimal:
		return decimalOf(of, s, v)
	case file.TypeDate, file.TypeTime, file.TypeTimestamp:
		return timeOf(of, s, v)
	}
	return e.message(of, s, v)
}

func (e encoding) wrapper(of protoreflect.MessageDescriptor, s *data.Schema, v any) (protoreflect.Message, error) {
	f := of.Fields().ByNumber(1)
	if m, ok := v.(map[string]any); ok { // a wrapper that was read as a STRUCT
		v = m["value"]
		s = s.FieldSchema("value")
	}
	out := dynamicpb.NewMessage(of)
	if v == nil {
		return out, nil
	}
	value, err := scalar(f, s, v)
	if err == nil {
		out.Set(f, value)
	}
	return out, err
}

// number returns the number of an enum's symbol.
func number(of protoreflect.EnumDescriptor, s *data.Schema, v any) (protoreflect.Value, error) {
	if n, ok := data.AsInt(v); ok && n == int64(int32(n)) {
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(n)), nil
	}
	text, ok := v.(string)
	if !ok {
		return protoreflect.Value{}, wrong(s, v)
	}
	if symbol := of.Values().ByName(protoreflect.Name(text)); symbol != nil {
		return protoreflect.ValueOfEnum(symbol.Number()), nil
	}
	if rest, ok := strings.CutPrefix(text, unknownSymbol+string(of.Name())+"_"); ok {
		if n, err := strconv.ParseInt(rest, 10, 32); err == nil {
			return protoreflect.ValueOfEnum(protoreflect.EnumNumber(n)), nil
		}
	}
	return protoreflect.Value{}, fmt.Errorf("%w: %.80q is not in the enum %.80s", ErrValue, text, of.Name())
}

func scalar(f protoreflect.FieldDescriptor, s *data.Schema, v any) (protoreflect.Value, error) {
	switch f.Kind() {
	case protoreflect.BoolKind:
		if b, ok := v.(bool); ok {
			return protoreflect.ValueOfBool(b), nil
		}
	case protoreflect.StringKind:
		if text, ok := v.(string); ok {
			return protoreflect.ValueOfString(text), nil
		}
	case protoreflect.BytesKind:
		if b, ok := v.([]byte); ok {
			return protoreflect.ValueOfBytes(b), nil
		}
	case protoreflect.FloatKind:
		if x, ok := data.AsFloat(v); ok && (math.IsInf(x, 0) || !math.IsInf(float64(float32(x)), 0)) {
			return protoreflect.ValueOfFloat32(float32(x)), nil
		}
	case protoreflect.DoubleKind:
		if x, ok := data.AsFloat(v); ok {
			return protoreflect.ValueOfFloat64(x), nil
		}
	default:
		if n, ok := data.AsInt(v); ok {
			return integer(f.Kind(), n)
		}
	}
	return protoreflect.Value{}, wrong(s, v)
}

func integer(k protoreflect.Kind, n int64) (protoreflect.Value, error) {
	switch k {
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return protoreflect.ValueOfInt64(n), nil
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return protoreflect.ValueOfUint64(uint64(n)), nil // below 0 it is above 2^63, as it was read
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		if n == int64(uint32(n)) {
			return protoreflect.ValueOfUint32(uint32(n)), nil
		}
	default:
		if n == int64(int32(n)) {
			return protoreflect.ValueOfInt32(int32(n)), nil
		}
	}
	return protoreflect.Value{}, fmt.Errorf("%w: %d does not fit %v", ErrValue, n, k)
}

func decimalOf(of protoreflect.MessageDescriptor, s *data.Schema, v any) (protoreflect.Message, error) {
	r, ok := v.(*big.Rat)
	if !ok || s == nil || s.Name != data.DecimalName {
		return nil, wrong(s, v)
	}
	scale, err := s.Scale()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSchema, err)
	}
	raw, err := data.DecimalBytes(r, scale)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrValue, err)
	}
	return filled(of, protoreflect.ValueOfBytes(raw), protoreflect.ValueOfUint32(uint32(digits(raw))),
		protoreflect.ValueOfInt32(int32(scale)))
}

func timeOf(of protoreflect.MessageDescriptor, s *data.Schema, v any) (protoreflect.Message, error) {
	t, ok := v.(time.Time)
	if !ok || !s.IsTime() {
		return nil, wrong(s, v)
	}
	if _, err := data.TimeNumber(s, t); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrValue, err)
	}
	if t.Unix() < firstSecond || t.Unix() > lastSecond {
		return nil, fmt.Errorf("%w: the year %d: want 1 to 9999", ErrValue, t.Year())
	}
	t = t.UTC().Truncate(time.Millisecond)
	small := func(n int) protoreflect.Value { return protoreflect.ValueOfInt32(int32(n)) }
	switch of.FullName() {
	case file.TypeDate:
		return filled(of, small(t.Year()), small(int(t.Month())), small(t.Day()))
	case file.TypeTime:
		return filled(of, small(t.Hour()), small(t.Minute()), small(t.Second()), small(t.Nanosecond()))
	}
	return filled(of, protoreflect.ValueOfInt64(t.Unix()), small(t.Nanosecond()))
}

// filled returns a message whose fields 1, 2 and so on have these values.
func filled(of protoreflect.MessageDescriptor, values ...protoreflect.Value) (protoreflect.Message, error) {
	out := dynamicpb.NewMessage(of)
	for i, v := range values {
		f := of.Fields().ByNumber(protoreflect.FieldNumber(i + 1))
		if f == nil || f.Cardinality() == protoreflect.Repeated || !sameType(f.Kind(), v) {
			return nil, fmt.Errorf("%w: its %s has other fields than are known", ErrSchema, of.FullName())
		}
		out.Set(f, v)
	}
	return out, nil
}

func sameType(k protoreflect.Kind, v protoreflect.Value) bool {
	switch v.Interface().(type) {
	case int32:
		return k == protoreflect.Int32Kind
	case int64:
		return k == protoreflect.Int64Kind
	case uint32:
		return k == protoreflect.Uint32Kind
	}
	return k == protoreflect.BytesKind
}
