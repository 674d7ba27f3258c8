package connecttest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

// Value is Connect data with its schema.
type Value struct {
	// Schema describes Data; nil is data without a schema.
	Schema *data.Schema
	// Data is the value, of a type that package data lists; nil is null.
	Data any
}

// formats are the values that Format may return.
var formats = []string{"", connect.FormatJSON, connect.FormatAvro, connect.FormatString, connect.FormatBytes}

// RunConverter checks what every [connect.Converter] promises: values survive a
// round trip through bytes, null in Kafka is read without an error, input is never
// changed, results do not depend on what was converted before or on other
// goroutines, and damaged bytes are an error and not a panic. values are data that
// the converter must bring back equal. open returns a new converter.
func RunConverter(t *testing.T, open func(t *testing.T) connect.Converter, values ...Value) {
	t.Helper()
	if len(values) == 0 {
		t.Fatal("connecttest: RunConverter without a value checks nothing")
	}
	t.Run("format is known", func(t *testing.T) {
		if got := open(t).Format(); !slices.Contains(formats, got) {
			t.Errorf("Format = %q, want one of %q", got, formats)
		}
	})
	t.Run("values come back", func(t *testing.T) {
		c := open(t)
		for range 2 { // what is cached must not change the answer
			for _, v := range values {
				if err := roundTrip(c, v); err != nil {
					t.Error(err)
				}
			}
		}
	})
	t.Run("null is read", func(t *testing.T) {
		if _, v, err := open(t).ToConnect("topic", nil); err != nil {
			t.Errorf("ToConnect(nil) = %v, %v, want no error: a tombstone is not a bad record", v, err)
		}
	})
	t.Run("input is not changed", func(t *testing.T) { converterKeepsInput(t, open(t), values) })
	t.Run("many goroutines", func(t *testing.T) {
		c := open(t)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range 25 {
					for _, v := range values {
						if err := roundTrip(c, v); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		all.Wait()
	})
	t.Run("damaged bytes do not panic", func(t *testing.T) { converterSurvives(t, open(t), values) })
}

func roundTrip(c connect.Converter, v Value) error {
	raw, err := c.FromConnect("topic", v.Schema, v.Data)
	if err != nil {
		return fmt.Errorf("FromConnect(%v) = %w", v.Data, err)
	}
	_, back, err := c.ToConnect("topic", raw)
	if err != nil {
		return fmt.Errorf("ToConnect(%q) = %w", raw, err)
	}
	if !data.Equal(back, v.Data) {
		return fmt.Errorf("%#v came back as %#v by way of %q", v.Data, back, raw)
	}
	return nil
}

func converterKeepsInput(t *testing.T, c connect.Converter, values []Value) {
	for _, v := range values {
		before := deepCopy(v.Data)
		raw, err := c.FromConnect("topic", v.Schema, v.Data)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(v.Data, before) {
			t.Errorf("FromConnect changed its value to %#v, it was %#v", v.Data, before)
		}
		was := bytes.Clone(raw)
		if _, _, err := c.ToConnect("topic", raw); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(raw, was) {
			t.Errorf("ToConnect changed its bytes to %q, they were %q", raw, was)
		}
	}
}

// converterSurvives decodes good bytes that were damaged at random, with a fixed
// seed.
func converterSurvives(t *testing.T, c connect.Converter, values []Value) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, v := range values {
		raw, err := c.FromConnect("topic", v.Schema, v.Data)
		if err != nil {
			t.Fatal(err)
		}
		for range 200 {
			damaged := bytes.Clone(raw)
			for range 1 + random.IntN(3) {
				switch at := random.IntN(len(damaged) + 1); {
				case at == len(damaged):
					damaged = append(damaged, byte(random.Uint32()))
				case random.IntN(3) == 0:
					damaged = damaged[:at]
				default:
					damaged[at] = byte(random.Uint32())
				}
			}
			_, _, _ = c.ToConnect("topic", damaged) // an error is fine, and so is another value
		}
	}
}

// deepCopy copies the maps, lists and bytes of Connect data.
func deepCopy(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = deepCopy(e)
		}
		return out
	case map[any]any:
		out := make(map[any]any, len(v))
		for k, e := range v {
			out[k] = deepCopy(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = deepCopy(e)
		}
		return out
	case []byte:
		return bytes.Clone(v)
	}
	return v
}
