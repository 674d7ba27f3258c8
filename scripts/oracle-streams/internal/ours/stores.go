package ours

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/suiro/suiro/scripts/oracle-streams/internal/cases"
	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/streamstest"
)

// content reads a partition of a store as lines of key and value.
type content func(app.Partition) ([]string, error)

// bare shows a value.
func bare[V any](value kind[V], data []byte) (string, error) {
	v, err := value.serde.Deserialize(data)
	return shown(value.text(v)), err
}

// stamped shows a value that begins with its timestamp.
func stamped[V any](value kind[V], data []byte) (string, error) {
	at, rest, err := format.ParseTimestamped(data)
	if err != nil {
		return "", err
	}
	text, err := bare(value, rest)
	return fmt.Sprintf("%s@%d", text, at), err
}

// keyed reads the store of a table by key.
func keyed[V any](value kind[V]) content {
	return func(p app.Partition) ([]string, error) {
		it, err := p.View.KeyValue.Range(nil, nil, false)
		if err != nil {
			return nil, err
		}
		return lines(it, func() (string, string, error) {
			text, err := stamped(value, it.Value())
			return string(it.Key()), text, err
		})
	}
}

// rowsOf reads the store of a step's table by key.
func rowsOf[V any](b *build, s *cases.Step, value kind[V]) content {
	if s.Store == nil || s.Store.Kind != "versioned" {
		return keyed(value)
	}
	return func(p app.Partition) (out []string, err error) {
		for _, key := range b.keys {
			v, err := p.View.Versioned.Get([]byte(key))
			if err != nil {
				return nil, err
			}
			if v == nil {
				continue
			}
			text, err := bare(value, v.Value)
			if err != nil {
				return nil, err
			}
			out = append(out, fmt.Sprintf("%s=%s@%d", key, text, v.From))
		}
		return out, nil
	}
}

// inWindows reads the store of an aggregate by key and window.
func inWindows[V any](w *cases.Window, value kind[V]) content {
	return func(p app.Partition) ([]string, error) {
		it, err := p.View.Window.Keys(nil, nil, math.MinInt64, math.MaxInt64, false)
		if err != nil {
			return nil, err
		}
		return lines(it, func() (string, string, error) {
			end := it.Start() + w.Size
			if w.Kind == "unlimited" {
				end = math.MaxInt64
			}
			text, err := stamped(value, it.Value())
			return fmt.Sprintf("%s@%d/%d", it.Key(), it.Start(), end), text, err
		})
	}
}

// inSessions reads the store of an aggregate by key and session.
func inSessions[V any](value kind[V]) content {
	return func(p app.Partition) ([]string, error) {
		it, err := p.View.Session.Keys(nil, nil, math.MinInt64, math.MaxInt64, false)
		if err != nil {
			return nil, err
		}
		return lines(it, func() (string, string, error) {
			k := it.Key()
			text, err := bare(value, it.Value())
			return fmt.Sprintf("%s@%d/%d", k.Key, k.Start, k.End), text, err
		})
	}
}

// iterator is one of any kind of store.
type iterator interface {
	Next() bool
	Err() error
	Close() error
}

func lines(it iterator, entry func() (key, value string, err error)) (out []string, err error) {
	for err == nil && it.Next() {
		var key, value string
		if key, value, err = entry(); err == nil {
			out = append(out, key+"="+value)
		}
	}
	return out, errors.Join(err, it.Err(), it.Close())
}

// contents reads the stores of a topology.
func (b *build) contents(d *streamstest.Driver) (map[string][]string, error) {
	out := map[string][]string{}
	for name, read := range b.stores {
		partitions, err := d.Store(name)
		if err != nil {
			return nil, err
		}
		out[name] = []string{}
		for _, p := range partitions {
			found, err := read(p)
			if err != nil {
				return nil, fmt.Errorf("store %s: %w", name, err)
			}
			out[name] = append(out[name], found...)
		}
		slices.Sort(out[name])
	}
	return out, nil
}
