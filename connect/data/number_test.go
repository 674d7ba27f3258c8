package data

import (
	"encoding/json"
	"math"
	"testing"
)

func TestAsIntAndFloat(t *testing.T) {
	for _, tt := range []struct {
		v       any
		n       int64
		isInt   bool
		f       float64
		isFloat bool
	}{
		{int64(math.MaxInt64), math.MaxInt64, true, math.MaxInt64, true},
		{int32(-3), -3, true, -3, true},
		{int16(4), 4, true, 4, true},
		{int8(-5), -5, true, -5, true},
		{6, 6, true, 6, true},
		{json.Number("9007199254740993"), 9007199254740993, true, 9007199254740992, true},
		{json.Number("9223372036854775808"), 0, false, 9223372036854775808, true},
		{json.Number("1.5"), 0, false, 1.5, true},
		{json.Number("1e400"), 0, false, 0, false},
		{float32(0.5), 0, false, 0.5, true},
		{0.25, 0, false, 0.25, true},
		{"1", 0, false, 0, false},
		{nil, 0, false, 0, false},
	} {
		if n, ok := AsInt(tt.v); ok != tt.isInt || ok && n != tt.n {
			t.Errorf("AsInt(%v) = %d, %v, want %d, %v", tt.v, n, ok, tt.n, tt.isInt)
		}
		if f, ok := AsFloat(tt.v); ok != tt.isFloat || ok && f != tt.f {
			t.Errorf("AsFloat(%v) = %v, %v, want %v, %v", tt.v, f, ok, tt.f, tt.isFloat)
		}
	}
}

func TestFits(t *testing.T) {
	for _, tt := range []struct {
		kind      Kind
		low, high int64
		sized     any
	}{
		{Int8, math.MinInt8, math.MaxInt8, int8(7)},
		{Int16, math.MinInt16, math.MaxInt16, int16(7)},
		{Int32, math.MinInt32, math.MaxInt32, int32(7)},
		{Int64, math.MinInt64, math.MaxInt64, int64(7)},
	} {
		if !tt.kind.Fits(tt.low) || !tt.kind.Fits(tt.high) {
			t.Errorf("%v does not hold its own bounds", tt.kind)
		}
		if tt.kind != Int64 && (tt.kind.Fits(tt.low-1) || tt.kind.Fits(tt.high+1)) {
			t.Errorf("%v holds more than its bounds", tt.kind)
		}
		if got := tt.kind.Sized(7); got != tt.sized {
			t.Errorf("Sized(%v, 7) = %T, want %T", tt.kind, got, tt.sized)
		}
	}
	if Float64.Fits(0) || String.Bits() != 0 {
		t.Error("a kind that is not an integer holds one")
	}
}
