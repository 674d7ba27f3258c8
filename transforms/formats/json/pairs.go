package json

import (
	"fmt"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/internal/room"
)

// pairReader reads a map whose keys are not strings.
type pairReader struct {
	decoder *decoder
	schema  *data.Schema
}

// read reads a map that is a list of [key, value]. Of a key that occurs twice
// the last counts.
func (r pairReader) read() (any, error) {
	d, s := r.decoder, r.schema
	if err := d.open(); err != nil {
		return nil, err
	}
	pairs := data.Pairs{}
	places := map[string]int{}
	for i := 0; ; i++ {
		more, err := d.more(i == 0, ']')
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		p, name, err := r.next()
		if isFatal(err) {
			return nil, err
		}
		if err != nil {
			return nil, d.rest(fmt.Errorf("entry %d: %w", i, err))
		}
		place, twice := places[name]
		if twice {
			pairs[place] = p
			continue
		}
		places[name] = len(pairs)
		pairs = append(pairs, p)
	}
	if s.Key.Kind >= data.Bytes {
		return pairs, nil
	}
	m := make(map[any]any, len(pairs))
	for _, p := range pairs {
		m[p.Key] = p.Value
	}
	return m, nil
}

// next reads one entry. The name is the same for equal keys.
func (r pairReader) next() (p data.Pair, name string, err error) {
	if err := r.decoder.take(room.Entry); err != nil {
		return p, "", err
	}
	if r.decoder.dialect.Entries {
		return r.entry()
	}
	return r.pair()
}

// entry reads one object with the members key and value.
func (r pairReader) entry() (p data.Pair, name string, err error) {
	d := r.decoder
	if d.peek() != '{' {
		text, err := d.skip()
		if err != nil {
			return p, "", err
		}
		return p, "", notEntry(text)
	}
	start, key, value := d.at, false, false
	err = d.object(func(name string) (err error) {
		switch name {
		case "key":
			key = true
			p.Key, err = d.value(r.schema.Key)
		case "value":
			value = true
			p.Value, err = d.value(r.schema.Elem)
		default:
			_, err = d.skip()
		}
		return err
	})
	if err != nil {
		return p, "", err
	}
	if !key || !value {
		return p, "", notEntry(d.text[start:d.at])
	}
	name, err = r.name(p)
	return p, name, err
}

func (r pairReader) name(p data.Pair) (string, error) {
	text, err := data.AppendJSON(nil, r.schema.Key, p.Key, data.JSONOptions{})
	return string(text), err
}

func notEntry(text []byte) error {
	return fmt.Errorf("%w: %s has no key and value of a map", data.ErrInvalid, cut(text))
}

// pair reads one [key, value].
func (r pairReader) pair() (p data.Pair, name string, err error) {
	d, s := r.decoder, r.schema
	if d.peek() != '[' {
		text, err := d.skip()
		if err != nil {
			return p, "", err
		}
		return p, "", notPair(text)
	}
	start := d.at
	if err := d.open(); err != nil {
		return p, "", err
	}
	parts := [2]*any{&p.Key, &p.Value}
	schemas := [2]*data.Schema{s.Key, s.Elem}
	for i := 0; ; i++ {
		more, err := d.more(i == 0, ']')
		if err != nil {
			return p, "", err
		}
		if !more && i != len(parts) {
			return p, "", notPair(d.text[start:d.at])
		}
		if !more {
			name, err := r.name(p)
			return p, name, err
		}
		if i >= len(parts) {
			_, err = d.skip()
		} else if *parts[i], err = d.value(schemas[i]); err != nil && !isFatal(err) {
			err = d.rest(err)
		}
		if err != nil {
			return p, "", err
		}
	}
}

func notPair(text []byte) error {
	return fmt.Errorf("%w: %s is not a [key, value] of a map", data.ErrInvalid, cut(text))
}
