package data

import (
	"bytes"
	"math/big"
	"testing"
	"time"
)

func TestTimesRoundDownAndBack(t *testing.T) {
	at := time.Date(1969, 12, 31, 23, 59, 58, 5e6, time.UTC)
	for _, tt := range []struct {
		name string
		n    int64
		back time.Time
	}{
		{DateName, -1, time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC)},
		{TimeName, 86398005, time.Date(1970, 1, 1, 23, 59, 58, 5e6, time.UTC)},
		{TimestampName, -1995, at},
	} {
		s := &Schema{Name: tt.name}
		n, err := TimeNumber(s, at)
		if err != nil || n != tt.n || !TimeOf(s, n).Equal(tt.back) || !s.IsTime() {
			t.Errorf("%s: %d, %v, back %v; want %d, back %v", tt.name, n, err, TimeOf(s, n), tt.n, tt.back)
		}
	}
	if _, err := TimeNumber(&Schema{}, at); err == nil {
		t.Errorf("a time for no logical type: %v", err)
	}
}

func TestDecimalBytesAreJavas(t *testing.T) {
	for _, tt := range []struct {
		value string
		scale int
		want  []byte
	}{
		{"0", 2, []byte{0}}, {"1.27", 2, []byte{127}}, {"1.28", 2, []byte{0, 128}}, {"-1.28", 2, []byte{128}},
		{"-1.29", 2, []byte{255, 127}}, {"-0.01", 2, []byte{255}}, {"25600", -2, []byte{1, 0}}, {"65536", 0, []byte{1, 0, 0}},
	} {
		r, _ := new(big.Rat).SetString(tt.value)
		got, err := DecimalBytes(r, tt.scale)
		if err != nil || !bytes.Equal(got, tt.want) {
			t.Errorf("DecimalBytes(%s, %d) = %v, %v, want %v", tt.value, tt.scale, got, err, tt.want)
		}
		if back := DecimalOf(got, tt.scale); back.Cmp(r) != 0 {
			t.Errorf("DecimalOf(%v, %d) = %v, want %s", got, tt.scale, back, tt.value)
		}
	}
	if _, err := DecimalBytes(big.NewRat(1, 3), 5); err == nil {
		t.Errorf("a third: %v", err)
	}
	for _, scale := range []string{"", "x", "99999999"} {
		if _, err := (&Schema{Parameters: map[string]string{"scale": scale}}).Scale(); err == nil {
			t.Errorf("scale %q: %v", scale, err)
		}
	}
}

func FuzzDecimal(f *testing.F) {
	f.Add([]byte{128, 0}, 3)
	f.Fuzz(func(t *testing.T, b []byte, scale int) {
		if len(b) == 0 || len(b) > 64 || scale < -50 || scale > 50 {
			return
		}
		r := DecimalOf(b, scale)
		got, err := DecimalBytes(r, scale)
		if err != nil || DecimalOf(got, scale).Cmp(r) != 0 || len(got) > len(b) {
			t.Errorf("DecimalBytes(DecimalOf(%v)) = %v, %v", b, got, err)
		}
	})
}
