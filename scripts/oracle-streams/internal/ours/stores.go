package ours

import (
	"fmt"
	"math"
	"slices"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/streamstest"
)

// content reads a partition of a store as lines of key and value.
type content func(app.Partition) ([]string, error)

// keyed reads the store of an aggregate by key.
func keyed[V any](value kind[V]) content {
	return func(p app.Partition) ([]string, error) {
		it, err := p.View.KeyValue.Range(nil, nil, false)
		if err != nil {
			return nil, err
		}
		return lines(it, value, func() string { return string(it.Key()) })
	}
}

// inWindows reads the store of an aggregate by key and window.
func inWindows[V any](size int64, value kind[V]) content {
	return func(p app.Partition) ([]string, error) {
		it, err := p.View.Window.Keys(nil, nil, math.MinInt64, math.MaxInt64, false)
		if err != nil {
			return nil, err
		}
		return lines(it, value, func() string {
			return fmt.Sprintf("%s@%d/%d", it.Key(), it.Start(),
				it.Start()+size)
		})
	}
}

func lines[V any](it stores.Iterator, value kind[V], key func() string) (out []string, err error) {
	defer it.Close()
	for it.Next() {
		at, plain, err := format.ParseTimestamped(it.Value())
		if err != nil {
			return nil, err
		}
		v, err := value.serde.Deserialize(plain)
		if err != nil {
			return nil, err
		}
		out = append(out, fmt.Sprintf("%s=%s@%d", key(), shown(value.text(v)), at))
	}
	return out, it.Err()
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
