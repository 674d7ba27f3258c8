package avro

import (
	"fmt"
	"time"

	"github.com/suiro/suiro/connect/data"
)

// fromNative turns what goavro decoded into what package data describes. It
// takes the maps and slices over and changes them in place.
func (n *node) fromNative(v any) (any, error) {
	if n.schema.Optional {
		if v == nil {
			return nil, nil
		}
		union, ok := v.(map[string]any)
		if !ok || len(union) != 1 {
			return nil, n.mismatch(v)
		}
		for _, inner := range union {
			v = inner
		}
	}
	switch v := v.(type) {
	case map[string]any:
		if n.schema.Kind == data.Struct {
			return n.structFromNative(v)
		}
		for k, item := range v {
			var err error
			if v[k], err = n.elem.fromNative(item); err != nil {
				return nil, inField(k, err)
			}
		}
		return v, nil
	case []any:
		for i, item := range v {
			var err error
			if v[i], err = n.elem.fromNative(item); err != nil {
				return nil, inField(fmt.Sprint(i), err)
			}
		}
		return v, nil
	case int32:
		return n.integerFromNative(v)
	case time.Time:
		return n.timeFromNative(v), nil
	case time.Duration:
		return n.durationFromNative(v)
	default:
		return fromPlain(n.schema, v)
	}
}

// timeFromNative and durationFromNative undo what goavro does with logical
// types when it reads a container file, whose schema it takes as it stands.
func (n *node) timeFromNative(t time.Time) any {
	switch {
	case n.schema.Name != "":
		return t.UTC()
	case n.schema.Parameters[paramLogical] == "timestamp-micros":
		return t.UnixMicro()
	default:
		return t
	}
}

func (n *node) durationFromNative(d time.Duration) (any, error) {
	if n.schema.Kind == data.Int32 {
		return fromPlain(n.schema, int32(d.Milliseconds()))
	}
	return d.Microseconds(), nil
}

func (n *node) integerFromNative(v int32) (any, error) {
	if !n.schema.Kind.Fits(int64(v)) {
		return nil, fmt.Errorf("%w: %d is out of the range of %v", ErrValue, v, n.schema.Kind)
	}
	return fromPlain(n.schema, n.schema.Kind.Sized(int64(v)))
}

func (n *node) structFromNative(m map[string]any) (any, error) {
	renamed := false
	for i := range n.fields {
		f := &n.fields[i]
		v, err := f.node.fromNative(m[f.avro])
		if err != nil {
			return nil, inField(f.name, err)
		}
		m[f.avro] = v
		renamed = renamed || f.avro != f.name
	}
	if !renamed {
		return m, nil
	}
	out := make(map[string]any, len(n.fields))
	for i := range n.fields {
		out[n.fields[i].name] = m[n.fields[i].avro]
	}
	return out, nil
}
