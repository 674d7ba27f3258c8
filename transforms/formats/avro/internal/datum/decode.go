package datum

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/internal/room"
)

var errShort = fmt.Errorf("%w: the data ends too early", ErrValue)

// emptyItems bounds the items of a list whose items take no bytes, such as
// records without fields. Every other list is bounded by the bytes that are left,
// so a count in damaged data reserves no memory.
const emptyItems = 1 << 16

// Decode reads one value from b and returns what comes after it. A value that takes
// far more memory than the bytes it is read from is an error: see package room.
func (t *Type) Decode(b []byte) (any, []byte, error) {
	d := decoder{room.For(len(b))}
	return d.decode(t, b)
}

// decoder reads one value.
type decoder struct{ room room.Room }

// take takes room for what is made next.
func (d *decoder) take(n int) error {
	if err := d.room.Take(n); err != nil {
		return fmt.Errorf("%w: %w", ErrValue, err)
	}
	return nil
}

func (d *decoder) decode(t *Type, b []byte) (any, []byte, error) {
	if t.Union {
		return d.decodeUnion(t, b)
	}
	if t.tagged {
		branch, rest, err := takeLong(b)
		if err != nil {
			return nil, nil, err
		}
		b = rest
		switch {
		case branch == t.null && t.Schema.Optional:
			return nil, b, d.take(t.ofNull)
		case branch != t.value():
			return nil, nil, t.noBranch(branch)
		}
	}
	switch t.Schema.Kind {
	case data.Struct:
		return d.decodeStruct(t, b)
	case data.Array:
		return d.decodeArray(t, b)
	case data.Map:
		return d.decodeMap(t, b)
	default:
		if t.own > 0 {
			if err := d.take(t.own); err != nil {
				return nil, nil, err
			}
		}
		v, rest, err := t.decodePrimitive(b)
		if err != nil || t.Schema.Name == "" {
			return v, rest, err
		}
		v, err = FromPlain(t.Schema, v)
		return v, rest, err
	}
}

func (t *Type) noBranch(branch int64) error {
	return fmt.Errorf("%w: branch %d of a union with fewer types", ErrValue, branch)
}

// decodeUnion returns an entry for every type; only that of the branch is not null.
func (d *decoder) decodeUnion(t *Type, b []byte) (any, []byte, error) {
	branch, b, err := takeLong(b)
	if err != nil {
		return nil, nil, err
	}
	if branch == t.null && t.Schema.Optional {
		return nil, b, d.take(t.ofNull)
	}
	if err := d.take(t.own); err != nil {
		return nil, nil, err
	}
	m, known := make(map[string]any, len(t.Fields)), false
	for i := range t.Fields {
		f := &t.Fields[i]
		m[f.Name] = nil
		if f.branch != branch {
			continue
		}
		known = true
		if m[f.Name], b, err = d.decode(f.Type, b); err != nil {
			return nil, nil, data.InField(f.Name, err)
		}
	}
	if !known {
		return nil, nil, t.noBranch(branch)
	}
	return m, b, nil
}

func (d *decoder) decodeStruct(t *Type, b []byte) (any, []byte, error) {
	if err := d.take(t.own); err != nil {
		return nil, nil, err
	}
	m := make(map[string]any, len(t.Fields))
	for i := range t.Fields {
		f := &t.Fields[i]
		v, rest, err := d.decode(f.Type, b)
		if err != nil {
			return nil, nil, data.InField(f.Name, err)
		}
		m[f.Name], b = v, rest
	}
	return m, b, nil
}

func (d *decoder) decodeArray(t *Type, b []byte) (any, []byte, error) {
	list := []any{}
	rest, err := blocks(b, func(b []byte) ([]byte, error) {
		if err := d.take(room.Item); err != nil {
			return nil, err
		}
		v, rest, err := d.decode(t.Elem, b)
		list = append(list, v)
		return rest, err
	})
	return list, rest, err
}

func (d *decoder) decodeMap(t *Type, b []byte) (any, []byte, error) {
	m := map[string]any{}
	rest, err := blocks(b, func(b []byte) ([]byte, error) {
		k, b, err := takeBytes(b)
		if err != nil {
			return nil, err
		}
		if err := d.take(room.Entry); err != nil {
			return nil, err
		}
		v, rest, err := d.decode(t.Elem, b)
		if err != nil {
			return nil, data.InField(string(k), err)
		}
		m[string(k)] = v
		return rest, nil
	})
	return m, rest, err
}

// blocks reads the blocks of a list, item by item, up to the empty block. A
// negative count is followed by the length of the block in bytes.
func blocks(b []byte, item func([]byte) ([]byte, error)) ([]byte, error) {
	for total := int64(0); ; {
		count, rest, err := takeLong(b)
		if err != nil || count == 0 {
			return rest, err
		}
		b = rest
		if count < 0 {
			count = -count
			var size int64
			if size, b, err = takeLong(b); err != nil {
				return nil, err
			}
			if size < 0 || size > int64(len(b)) {
				return nil, fmt.Errorf("%w: a block of %d bytes and only %d are left", ErrValue, size, len(b))
			}
		}
		if total += count; count < 0 || count > int64(len(b)) && total > emptyItems {
			return nil, fmt.Errorf("%w: a list of %d items in %d bytes", ErrValue, count, len(b))
		}
		for ; count > 0; count-- {
			if b, err = item(b); err != nil {
				return nil, err
			}
		}
	}
}

func takeLong(b []byte) (int64, []byte, error) {
	n, size := binary.Varint(b)
	switch {
	case size > 0:
		return n, b[size:], nil
	case size == 0:
		return 0, nil, errShort
	default:
		return 0, nil, errors.Join(ErrValue, errors.New("an integer of more than 64 bits"))
	}
}

func takeBytes(b []byte) (v, rest []byte, err error) {
	n, b, err := takeLong(b)
	if err != nil {
		return nil, nil, err
	}
	if n < 0 || n > int64(len(b)) {
		return nil, nil, fmt.Errorf("%w: the length is %d bytes and only %d are left", ErrValue, n, len(b))
	}
	return b[:n], b[n:], nil
}
