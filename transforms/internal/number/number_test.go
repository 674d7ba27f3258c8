package number

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/suiro/suiro/connect/data"
)

func TestIntAndFloat(t *testing.T) {
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
		if n, ok := Int(tt.v); ok != tt.isInt || ok && n != tt.n {
			t.Errorf("Int(%v) = %d, %v, want %d, %v", tt.v, n, ok, tt.n, tt.isInt)
		}
		if f, ok := Float(tt.v); ok != tt.isFloat || ok && f != tt.f {
			t.Errorf("Float(%v) = %v, %v, want %v, %v", tt.v, f, ok, tt.f, tt.isFloat)
		}
	}
}

func TestFits(t *testing.T) {
	for _, tt := range []struct {
		kind      data.Kind
		low, high int64
		sized     any
	}{
		{data.Int8, math.MinInt8, math.MaxInt8, int8(7)},
		{data.Int16, math.MinInt16, math.MaxInt16, int16(7)},
		{data.Int32, math.MinInt32, math.MaxInt32, int32(7)},
		{data.Int64, math.MinInt64, math.MaxInt64, int64(7)},
	} {
		if !Fits(tt.kind, tt.low) || !Fits(tt.kind, tt.high) {
			t.Errorf("%v does not hold its own bounds", tt.kind)
		}
		if tt.kind != data.Int64 && (Fits(tt.kind, tt.low-1) || Fits(tt.kind, tt.high+1)) {
			t.Errorf("%v holds more than its bounds", tt.kind)
		}
		if got := Sized(tt.kind, 7); got != tt.sized {
			t.Errorf("Sized(%v, 7) = %T, want %T", tt.kind, got, tt.sized)
		}
	}
	if Fits(data.Float64, 0) || Bits(data.String) != 0 {
		t.Error("a kind that is no integer holds one")
	}
}
