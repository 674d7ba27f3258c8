package cast

import (
	"encoding/json"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/data"
)

func TestValue(t *testing.T) {
	day := time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		to   data.Kind
		s    *data.Schema
		v    any
		want any // an error's text when it begins with !
	}{
		{data.Int8, nil, int64(127), int8(127)}, {data.Int8, nil, int64(128), "!does not fit INT8"},
		{data.Int64, nil, -1.9, int64(-1)}, {data.Int64, nil, math.NaN(), "!does not fit"}, {data.Int64, nil, 1e19, "!does not fit"},
		{data.Int32, nil, "+5", int32(5)}, {data.Int32, nil, "5.0", "!is not an integer"}, {data.Int64, nil, true, int64(1)},
		{data.Int64, nil, json.Number("1e2"), int64(100)}, {data.Int64, nil, json.Number("99999999999999999999"), "!does not fit"},
		{data.Int16, nil, big.NewRat(-5, 2), int16(-2)}, {data.Boolean, nil, big.NewRat(1, 2), false},
		{data.Boolean, nil, "TRUE", true}, {data.Boolean, nil, "yes", false}, {data.Boolean, nil, 0.5, false},
		{data.Boolean, nil, json.Number("1e999"), true}, {data.Boolean, nil, int8(0), false},
		{data.Float32, nil, 1e300, "!does not fit FLOAT32"}, {data.Float32, nil, math.Inf(1), float32(math.Inf(1))},
		{data.Float64, nil, " 1.5d ", 1.5}, {data.Float64, nil, "1e999", "!does not fit"}, {data.Float64, nil, "Infinity", math.Inf(1)},
		{data.Float64, nil, big.NewRat(5, 4), 1.25}, {data.Float32, nil, int64(16777217), float32(16777216)},
		{data.Int64, &data.Schema{Kind: data.Int32, Name: data.DateName}, day, int64(20468)},
		{data.String, &data.Schema{Kind: data.Int64, Name: data.TimestampName}, day, "2026-01-15T00:00:00.000Z"},
		{data.String, nil, day, "!without a schema"}, {data.String, nil, []byte{1, 2}, "AQI="}, {data.Int8, nil, []byte{1}, "!string alone"},
		{data.String, nil, 1e7, "1.0E7"}, {data.String, nil, false, "false"}, {data.Int8, nil, nil, nil}, {data.Int8, nil, []any{}, "!a list cannot"},
	} {
		got, err := Value(c.to, c.s, c.v)
		if text, _ := c.want.(string); strings.HasPrefix(text, "!") {
			if err == nil || !strings.Contains(err.Error(), text[1:]) {
				t.Errorf("Value(%v, %v) = %v, %v, want an error with %s", c.to, c.v, got, err, text[1:])
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("Value(%v, %v) = %v (%T), %v, want %v (%T)", c.to, c.v, got, got, err, c.want, c.want)
		}
	}
}

// FuzzValue casts text to numbers, which must come back as the same.
func FuzzValue(f *testing.F) {
	f.Add("0x1p3")
	f.Add("-128")
	f.Add("1e400")
	f.Fuzz(func(t *testing.T, text string) {
		for _, kind := range []data.Kind{data.Int8, data.Int64, data.Float32, data.Float64, data.Boolean} {
			v, err := Value(kind, nil, text)
			if err != nil {
				continue
			}
			back, err := Value(data.String, nil, v)
			if err != nil {
				t.Fatal(err)
			}
			again, err := Value(kind, nil, back)
			if err != nil || !data.Equal(again, v) {
				t.Errorf("%q is %v, which as text %v is %v, %v", text, v, back, again, err)
			}
		}
		if r := Decimal(text); r != nil && r.Num().BitLen() > 1<<14 {
			t.Errorf("Decimal(%q) has %d bits", text, r.Num().BitLen())
		}
	})
}
