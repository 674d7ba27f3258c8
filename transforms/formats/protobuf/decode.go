package protobuf

import (
	"fmt"
	"math/big"
	"strconv"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/internal/room"
	"github.com/suiro/suiro/transforms/formats/protobuf/internal/file"
)

// decoding reads one record.
type decoding struct{ room room.Room }

func (d *decoding) take(n int) error {
	if err := d.room.Take(n); err != nil {
		return fmt.Errorf("%w: %w", ErrValue, err)
	}
	return nil
}

// message reads a message that a layout is of.
func (d *decoding) message(l *layout, m protoreflect.Message) (any, error) {
	if l.unwrap {
		f := m.Descriptor().Fields().ByNumber(1)
		return d.scalar(l.schema, f, m.Get(f))
	}
	switch l.schema.Name {
	case data.DecimalName:
		return d.decimal(m)
	case data.DateName:
		return date(m)
	case data.TimeName:
		return timeOfDay(m)
	case data.TimestampName:
		return timestamp(m)
	}
	if err := d.take(room.Map(len(l.members))); err != nil {
		return nil, err
	}
	out := make(map[string]any, len(l.members))
	for i := range l.members {
		v, err := d.member(&l.members[i], m)
		if err != nil {
			return nil, data.InField(l.members[i].name, err)
		}
		out[l.members[i].name] = v
	}
	return out, nil
}

// member reads a field or a oneof of a message, nil if it is not there.
func (d *decoding) member(of *member, m protoreflect.Message) (any, error) {
	if of.oneof != nil {
		return d.oneof(of, m)
	}
	if !of.always && !m.Has(of.field) {
		return nil, nil
	}
	return d.field(of.layout, of.field, m.Get(of.field))
}

func (d *decoding) oneof(of *member, m protoreflect.Message) (any, error) {
	if m.WhichOneof(of.oneof) == nil {
		return nil, nil
	}
	if err := d.take(room.Map(len(of.choice))); err != nil {
		return nil, err
	}
	out := make(map[string]any, len(of.choice))
	for i := range of.choice {
		v, err := d.member(&of.choice[i], m)
		if err != nil {
			return nil, data.InField(of.choice[i].name, err)
		}
		out[of.choice[i].name] = v
	}
	return out, nil
}

// field reads the value of a field, which may be several.
func (d *decoding) field(l *layout, f protoreflect.FieldDescriptor, v protoreflect.Value) (any, error) {
	switch {
	case f.IsList():
		return d.list(l, f, v.List())
	case f.IsMap():
		return d.mapping(l, f, v.Map())
	}
	return d.single(l, f, v)
}

func (d *decoding) list(l *layout, f protoreflect.FieldDescriptor, from protoreflect.List) (any, error) {
	if err := d.take(room.Item * from.Len()); err != nil {
		return nil, err
	}
	out := make([]any, from.Len())
	for i := range out {
		v, err := d.single(l.elem, f, from.Get(i))
		if err != nil {
			return nil, data.InField(strconv.Itoa(i), err)
		}
		out[i] = v
	}
	return out, nil
}

func (d *decoding) mapping(l *layout, f protoreflect.FieldDescriptor, from protoreflect.Map) (any, error) {
	if err := d.take(room.Entry * from.Len()); err != nil {
		return nil, err
	}
	named, others := map[string]any{}, map[any]any{}
	var failed error
	from.Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
		item, err := d.single(l.elem, f.MapValue(), v)
		if err != nil {
			failed = data.InField(k.String(), err)
			return false
		}
		if l.schema.Key.Kind == data.String {
			named[k.String()] = item
			return true
		}
		key, err := d.scalar(l.schema.Key, f.MapKey(), k.Value())
		others[key], failed = item, err
		return err == nil
	})
	switch {
	case failed != nil:
		return nil, failed
	case l.schema.Key.Kind == data.String:
		return named, nil
	}
	return others, nil
}

// single reads one value.
func (d *decoding) single(l *layout, f protoreflect.FieldDescriptor, v protoreflect.Value) (any, error) {
	if f.Message() != nil {
		return d.message(l, v.Message())
	}
	return d.scalar(l.schema, f, v)
}

func (d *decoding) scalar(s *data.Schema, f protoreflect.FieldDescriptor, v protoreflect.Value) (any, error) {
	if f.Enum() != nil {
		return symbol(s, f.Enum(), v.Enum()), nil
	}
	switch f.Kind() {
	case protoreflect.BoolKind:
		return v.Bool(), nil
	case protoreflect.StringKind:
		return v.String(), d.take(len(v.String()))
	case protoreflect.BytesKind:
		return append([]byte{}, v.Bytes()...), d.take(len(v.Bytes()))
	case protoreflect.FloatKind:
		return float32(v.Float()), nil
	case protoreflect.DoubleKind:
		return v.Float(), nil
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind, protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return int64(v.Uint()), nil // above 2^63 it is below 0, as in Confluent's converter, and comes back
	}
	if !s.Kind.Fits(v.Int()) {
		return nil, fmt.Errorf("%w: %d does not fit %v", ErrValue, v.Int(), s.Kind)
	}
	return s.Kind.Sized(v.Int()), nil
}

// symbol returns the name of an enum's value. One that the schema does not name is called
// as Java's classes call it.
func symbol(s *data.Schema, e protoreflect.EnumDescriptor, n protoreflect.EnumNumber) any {
	if s.Kind == data.Int32 {
		return int32(n)
	}
	if v := e.Values().ByNumber(n); v != nil {
		return string(v.Name())
	}
	return fmt.Sprintf("%s%s_%d", unknownSymbol, e.Name(), n)
}

const unknownSymbol = "UNKNOWN_ENUM_VALUE_"

// ints returns the numbers of the fields 1, 2 and so on.
func ints(m protoreflect.Message, n int) []int64 {
	list := make([]int64, n)
	for i := range list {
		if f := m.Descriptor().Fields().ByNumber(protoreflect.FieldNumber(i + 1)); f != nil {
			list[i], _ = m.Get(f).Interface().(int64)
			if small, ok := m.Get(f).Interface().(int32); ok {
				list[i] = int64(small)
			}
		}
	}
	return list
}

func (d *decoding) decimal(m protoreflect.Message) (any, error) {
	value, scale := m.Descriptor().Fields().ByNumber(1), m.Descriptor().Fields().ByNumber(3)
	if value == nil || scale == nil || value.Kind() != protoreflect.BytesKind || scale.Kind() != protoreflect.Int32Kind {
		return nil, fmt.Errorf("%w: its %s is not Confluent's", ErrSchema, file.TypeDecimal)
	}
	raw, n := m.Get(value).Bytes(), int(m.Get(scale).Int())
	if len(raw) == 0 {
		return nil, fmt.Errorf("%w: a decimal of no bytes", ErrValue)
	}
	if err := d.take(room.Decimal(n)); err != nil {
		return nil, err
	}
	r, err := data.DecimalOf(raw, n)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrValue, err)
	}
	return r, nil
}

func date(m protoreflect.Message) (any, error) {
	n := ints(m, 3)
	t := time.Date(int(n[0]), time.Month(n[1]), int(n[2]), 0, 0, 0, 0, time.UTC)
	if n[0] < 1 || n[0] > 9999 || int64(t.Month()) != n[1] || int64(t.Day()) != n[2] {
		return nil, fmt.Errorf("%w: there is no date %d-%d-%d", ErrValue, n[0], n[1], n[2])
	}
	return t, nil
}

func timeOfDay(m protoreflect.Message) (any, error) {
	n := ints(m, 4)
	for i, below := range []int64{24, 60, 60, int64(time.Second)} {
		if n[i] < 0 || n[i] >= below {
			return nil, fmt.Errorf("%w: there is no time %d:%d:%d with %d nanoseconds", ErrValue, n[0], n[1], n[2], n[3])
		}
	}
	ms := ((n[0]*60+n[1])*60+n[2])*1000 + n[3]/int64(time.Millisecond)
	return time.UnixMilli(ms).UTC(), nil
}

// The first and the last second of a timestamp.
const (
	firstSecond = -62135596800
	lastSecond  = 253402300799
)

func timestamp(m protoreflect.Message) (any, error) {
	n := ints(m, 2)
	if n[0] < firstSecond || n[0] > lastSecond || n[1] < 0 || n[1] >= int64(time.Second) {
		return nil, fmt.Errorf("%w: there is no timestamp of %d seconds and %d nanoseconds", ErrValue, n[0], n[1])
	}
	return time.UnixMilli(n[0]*1000 + n[1]/int64(time.Millisecond)).UTC(), nil
}

// digits counts the digits of a number in two's complement.
func digits(raw []byte) int {
	n := new(big.Int).SetBytes(raw)
	if len(raw) > 0 && raw[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(raw))))
	}
	return len(n.Abs(n).String())
}
