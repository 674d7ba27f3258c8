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
		p, name, err := r.pair()
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

// pair reads one [key, value]. The name is the same for equal keys.
func (r pairReader) pair() (p data.Pair, name string, err error) {
	d, s := r.decoder, r.schema
	if err := d.take(room.Entry); err != nil {
		return p, "", err
	}
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
			text, err := data.AppendJSON(nil, s.Key, p.Key, data.JSONOptions{})
			return p, string(text), err
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
