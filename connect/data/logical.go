package data

import (
	"fmt"
	"math/big"
	"strconv"
	"time"
)

const dayMillis = 24 * 60 * 60 * 1000

// TimeNumber returns the days of a Date, or the milliseconds of a Time or Timestamp.
func TimeNumber(s *Schema, t time.Time) (int64, error) {
	ms := t.UnixMilli()
	switch s.Name {
	case DateName:
		return floorDiv(ms, dayMillis), nil
	case TimeName:
		return ms - floorDiv(ms, dayMillis)*dayMillis, nil
	case TimestampName:
		return ms, nil
	default:
		return 0, fmt.Errorf("a time for %v, which is no Date, Time or Timestamp", s.Kind)
	}
}

// TimeOf is the reverse of TimeNumber, in UTC.
func TimeOf(s *Schema, n int64) time.Time {
	if s.Name == DateName {
		n *= dayMillis
	}
	return time.UnixMilli(n).UTC()
}

// IsTime reports whether s is a Date, a Time or a Timestamp.
func (s *Schema) IsTime() bool {
	return s.Name == DateName || s.Name == TimeName || s.Name == TimestampName
}

func floorDiv(n, d int64) int64 {
	q := n / d
	if n%d < 0 {
		q--
	}
	return q
}

// Scale returns the number of decimals of a Decimal.
func (s *Schema) Scale() (int, error) {
	const most = 10_000 // decimals; more is damage, and 10 to that power would take memory
	n, err := strconv.Atoi(s.Parameters["scale"])
	if err != nil || n < -most || n > most {
		return 0, fmt.Errorf("decimal with scale %q, want an integer", s.Parameters["scale"])
	}
	return n, nil
}

// DecimalOf reads big-endian two's complement as a number with scale decimals.
func DecimalOf(b []byte, scale int) *big.Rat {
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(len(b))*8))
	}
	r := new(big.Rat).SetInt(n)
	return r.Mul(r, power(-scale))
}

// DecimalBytes is the reverse of DecimalOf, in as few bytes as hold the number. A
// number with more decimals than scale is an error: nothing is rounded.
func DecimalBytes(r *big.Rat, scale int) ([]byte, error) {
	n := new(big.Rat).Mul(r, power(scale))
	if !n.IsInt() {
		return nil, fmt.Errorf("%.40s has more than %d decimals", r.RatString(), scale)
	}
	return twosComplement(n.Num()), nil
}

// power returns 10 to the exp.
func power(exp int) *big.Rat {
	if exp < 0 {
		return new(big.Rat).Inv(power(-exp))
	}
	return new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(exp)), nil))
}

func twosComplement(n *big.Int) []byte {
	if n.Sign() >= 0 {
		b := n.Bytes()
		if len(b) == 0 || b[0]&0x80 != 0 {
			b = append([]byte{0}, b...)
		}
		return b
	}
	size := uint(new(big.Int).Not(n).BitLen()/8 + 1)
	return new(big.Int).Add(n, new(big.Int).Lsh(big.NewInt(1), size*8)).Bytes()
}
