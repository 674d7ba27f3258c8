package data

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"testing"
	"time"
)

func decimalSchema(scale string) *Schema {
	return &Schema{Kind: Bytes, Name: DecimalName, Version: 1, Parameters: map[string]string{"scale": scale}}
}

// rat returns unscaled with that many decimals.
func rat(unscaled int64, scale int) *big.Rat {
	r := new(big.Rat).SetInt64(unscaled)
	return r.Mul(r, power(-scale))
}

func TestAppendTextIsJavasToString(t *testing.T) {
	s := &Schema{Kind: Struct, Fields: []Field{
		{Name: "a", Schema: &Schema{Kind: Int32}},
		{Name: "n", Schema: &Schema{Kind: String, Optional: true}},
		{Name: "m", Schema: &Schema{Kind: Map, Key: &Schema{Kind: String}, Elem: &Schema{Kind: Float64}}},
		{Name: "d", Schema: &Schema{Kind: Bytes, Optional: true, Name: DecimalName,
			Parameters: map[string]string{"scale": "2"}}},
	}}
	tests := []struct {
		schema *Schema
		value  any
		want   string
	}{
		{nil, nil, "null"}, {nil, "水路", "水路"}, {nil, "", ""}, {nil, true, "true"}, {nil, int8(-1), "-1"},
		{nil, 1.0, "1.0"}, {nil, 1e7, "1.0E7"}, {nil, float32(0.1), "0.1"}, {nil, math.Inf(-1), "-Infinity"},
		{nil, math.NaN(), "NaN"}, {nil, json.Number("1e5"), "1e5"},
		{nil, []any{int64(1), nil, "x"}, "[1, null, x]"},
		{nil, map[string]any{"b": "x", "a": int64(1)}, "{a=1, b=x}"},
		{nil, map[any]any{int64(2): "x", int64(1): nil}, "{1=null, 2=x}"},
		{nil, Pairs{{[]any{int64(1)}, true}}, "{[1]=true}"},
		{nil, []byte{1, 2}, "AQI="}, {nil, rat(156, 2), "1.56"},
		{s, map[string]any{"a": int32(1), "m": map[string]any{"k": 2.5}, "d": rat(150, 2)}, "Struct{a=1,m={k=2.5},d=1.50}"},
		{s, map[string]any{"m": map[string]any{}}, "Struct{m={}}"},
		{s, map[string]any{}, "Struct{}"},
	}
	for _, tt := range tests {
		if got, err := AppendText([]byte("x"), tt.schema, tt.value); err != nil || string(got) != "x"+tt.want {
			t.Errorf("AppendText(%v) = %s, %v, want x%s", tt.value, got, err, tt.want)
		}
	}
}

func TestAppendTextOfDecimalsIsBigDecimals(t *testing.T) {
	tests := []struct {
		unscaled int64
		scale    string
		want     string
	}{
		{150, "2", "1.50"}, {0, "2", "0.00"}, {1, "6", "0.000001"}, {1, "7", "1E-7"}, {0, "7", "0E-7"},
		{12, "-3", "1.2E+4"},
		{-1, "-3", "-1E+3"}, {0, "-2", "0E+2"}, {-123, "12", "-1.23E-10"}, {123, "8", "0.00000123"}, {-5, "0", "-5"},
		{10, "8", "1.0E-7"},
	}
	for _, tt := range tests {
		s := decimalSchema(tt.scale)
		scale, err := s.Scale()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := AppendText(nil, s, rat(tt.unscaled, scale)); err != nil || string(got) != tt.want {
			t.Errorf("AppendText(%d, scale %s) = %s, %v, want %s", tt.unscaled, tt.scale, got, err, tt.want)
		}
	}
}

func TestAppendTextOfTimesIsJavasDateInUTC(t *testing.T) {
	for ms, want := range map[int64]string{
		0:               "Thu Jan 01 00:00:00 UTC 1970",
		-1:              "Wed Dec 31 23:59:59 UTC 1969",
		1768469412345:   "Thu Jan 15 09:30:12 UTC 2026",
		253402300800000: "Sat Jan 01 00:00:00 UTC 10000",
		-12219292800000: "Fri Oct 15 00:00:00 UTC 1582",
		-12219292800001: "Thu Oct 04 23:59:59 UTC 1582",
		-62135596800000: "Mon Jan 03 00:00:00 UTC 1",
		-62198755200000: "Fri Jan 03 00:00:00 UTC 2",
	} {
		at := time.UnixMilli(ms).In(time.FixedZone("", 3600))
		if got, err := AppendText(nil, nil, at); err != nil || string(got) != want {
			t.Errorf("AppendText(%d ms) = %s, %v, want %s", ms, got, err, want)
		}
	}
}

func TestAppendTextRefusesWhatIsNotConnectsData(t *testing.T) {
	for _, tt := range []struct {
		schema *Schema
		value  any
	}{
		{nil, struct{}{}}, {nil, []any{struct{}{}}}, {nil, map[string]any{"a": struct{}{}}}, {nil, big.NewRat(1, 3)},
		{decimalSchema("1"), rat(156, 2)}, {decimalSchema("x"), rat(1, 0)},
	} {
		if got, err := AppendText(nil, tt.schema, tt.value); !errors.Is(err, ErrInvalid) {
			t.Errorf("AppendText(%v) = %s, %v, want ErrInvalid", tt.value, got, err)
		}
	}
}
