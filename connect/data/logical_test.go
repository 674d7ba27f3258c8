package data

import (
	"bytes"
	"errors"
	"math"
	"math/big"
	"testing"
	"time"
)

func TestTimesAreTheNumbersOfTheirSchema(t *testing.T) {
	for _, tt := range []struct {
		name string
		time time.Time
		want int64
	}{
		{DateName, time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC), -1},
		{DateName, time.Date(1970, 1, 2, 2, 0, 0, 0, time.FixedZone("", 7200)), 1},
		{TimeName, time.Date(1970, 1, 1, 23, 59, 58, 5e6, time.UTC), 86398005},
		{TimeName, time.Date(1970, 1, 2, 0, 0, 0, 0, time.UTC), 86400000},
		{TimestampName, time.Date(1969, 12, 31, 23, 59, 58, 5e6, time.UTC), -1995},
	} {
		s := &Schema{Name: tt.name}
		got, err := TimeNumber(s, tt.time)
		if err != nil || got != tt.want || !s.IsTime() {
			t.Errorf("TimeNumber(%s, %v) = %d, %v, want %d", tt.name, tt.time, got, err, tt.want)
		}
		if back, err := TimeOf(s, got); err != nil || !back.Equal(tt.time) || back.Location() != time.UTC {
			t.Errorf("TimeOf(%s, %d) = %v, %v, want %v", tt.name, got, back, err, tt.time)
		}
	}
}

func TestTimesOutsideTheirSchemaAreErrors(t *testing.T) {
	noon := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	for _, name := range []string{"", DateName, TimeName} {
		if got, err := TimeNumber(&Schema{Name: name}, noon); !errors.Is(err, ErrInvalid) {
			t.Errorf("TimeNumber(%q, %v) = %d, %v, want ErrInvalid", name, noon, got, err)
		}
	}
	for _, n := range []int64{-1, 86400001} {
		if got, err := TimeOf(&Schema{Name: TimeName}, n); !errors.Is(err, ErrInvalid) {
			t.Errorf("TimeOf(Time, %d) = %v, %v, want ErrInvalid", n, got, err)
		}
	}
}

func TestDecimalBytesAreJavas(t *testing.T) {
	for _, tt := range []struct {
		value string
		scale int
		want  []byte
	}{
		{"0", 2, []byte{0}}, {"1.27", 2, []byte{127}}, {"1.28", 2, []byte{0, 128}}, {"-1.28", 2, []byte{128}},
		{"-1.29", 2, []byte{255, 127}}, {"-0.01", 2, []byte{255}}, {"25600", -2, []byte{1, 0}},
		{"65536", 0, []byte{1, 0, 0}},
	} {
		r, _ := new(big.Rat).SetString(tt.value)
		got, err := DecimalBytes(r, tt.scale)
		if err != nil || !bytes.Equal(got, tt.want) {
			t.Errorf("DecimalBytes(%s, %d) = %v, %v, want %v", tt.value, tt.scale, got, err, tt.want)
		}
		if back := decimalOf(t, got, tt.scale); back.Cmp(r) != 0 {
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
		r := decimalOf(t, b, scale)
		got, err := DecimalBytes(r, scale)
		if err != nil || decimalOf(t, got, scale).Cmp(r) != 0 || len(got) > len(b) {
			t.Errorf("DecimalBytes(DecimalOf(%v)) = %v, %v", b, got, err)
		}
	})
}

func decimalOf(t *testing.T, b []byte, scale int) *big.Rat {
	t.Helper()
	r, err := DecimalOf(b, scale)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The time of a Go program may be of any year; the number of a Date or a Timestamp may not.
func TestTimesThatNoNumberStandsFor(t *testing.T) {
	far := []time.Time{time.Unix(1<<54, 0), time.Unix(-1<<54, 0), time.Unix(1<<62, 0), time.Unix(-1<<62, 0)}
	for _, at := range far {
		for _, name := range []string{DateName, TimeName, TimestampName} {
			if n, err := TimeNumber(&Schema{Kind: Int64, Name: name}, at); !errors.Is(err, ErrInvalid) {
				t.Errorf("%s of second %d = %d, %v, want an error", name, at.Unix(), n, err)
			}
		}
		if text, err := AppendJSON(nil, nil, at, JSONOptions{}); !errors.Is(err, ErrInvalid) {
			t.Errorf("JSON of second %d = %s, %v, want an error", at.Unix(), text, err)
		}
	}
	for _, ms := range []int64{math.MinInt64, -9223372036855, -1, 0, 9223372036855, 1 << 53, math.MaxInt64} {
		s := &Schema{Kind: Int64, Name: TimestampName}
		at, err := TimeOf(s, ms)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := TimeNumber(s, at); err != nil || got != ms {
			t.Errorf("the Timestamp %d comes back as %d, %v", ms, got, err)
		}
	}
}
