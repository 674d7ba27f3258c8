package data

import (
	"fmt"
	"math/big"
	"strconv"
	"time"
)

const dayMillis = 24 * 60 * 60 * 1000

// TimeNumber returns the number that stands for t: the days since 1970 of a
// Date, or the milliseconds of a Time or Timestamp. What is finer than a
// millisecond is cut. As in Kafka Connect, a Date with a time of day and a Time
// before 1970-01-01 or after its midnight are errors.
// So is a time whose milliseconds an int64 does not hold, which is more than 292
// million years from 1970.
func TimeNumber(s *Schema, t time.Time) (int64, error) {
	ms, err := millis(t)
	if err != nil {
		return 0, err
	}
	switch s.Name {
	case DateName:
		if ms%dayMillis != 0 {
			return 0, fmt.Errorf("%w: a Date is a whole day, and %s is not", ErrInvalid, t.UTC().Format(time.RFC3339Nano))
		}
		return ms / dayMillis, nil
	case TimeName:
		return ms, checkTimeOfDay(ms)
	case TimestampName:
		return ms, nil
	default:
		return 0, fmt.Errorf("%w: a time for %v, which is not a Date, Time or Timestamp", ErrInvalid, s.Kind)
	}
}

// millis returns the milliseconds since 1970, which [time.Time.UnixMilli] cuts to 64
// bits in silence.
func millis(t time.Time) (int64, error) {
	ms := t.UnixMilli()
	if time.UnixMilli(ms).Unix() != t.Unix() {
		return 0, fmt.Errorf("%w: a time %d seconds from 1970: 64 bits do not hold its milliseconds", ErrInvalid, t.Unix())
	}
	return ms, nil
}

// TimeOf is the reverse of TimeNumber, in UTC.
func TimeOf(s *Schema, n int64) (time.Time, error) {
	switch s.Name {
	case DateName:
		n *= dayMillis
	case TimeName:
		if err := checkTimeOfDay(n); err != nil {
			return time.Time{}, err
		}
	}
	return time.UnixMilli(n).UTC(), nil
}

func checkTimeOfDay(ms int64) error {
	if ms < 0 || ms > dayMillis {
		return fmt.Errorf("%w: %d is not a Time: want the milliseconds of one day", ErrInvalid, ms)
	}
	return nil
}

// IsTime reports whether s is a Date, a Time or a Timestamp.
func (s *Schema) IsTime() bool {
	return s.Name == DateName || s.Name == TimeName || s.Name == TimestampName
}

// Scale returns the number of decimals of a Decimal.
func (s *Schema) Scale() (int, error) {
	const largest = 10_000 // a larger one is surely damage, and 10 to its power would take too much memory
	n, err := strconv.Atoi(s.Parameters["scale"])
	if err != nil || n < -largest || n > largest {
		return 0, fmt.Errorf("%w: decimal with scale %.40q: want an integer from %d to %d", ErrInvalid,
			s.Parameters["scale"], -largest, largest)
	}
	return n, nil
}

// maxDecimalBytes holds 10,000 digits, as many as the largest scale.
const maxDecimalBytes = 4153

// DecimalOf reads big-endian two's complement as a number with scale decimals. More
// than 10,000 digits are an error that is [ErrInvalid]: what calculates with a number
// takes time as the square of its digits.
func DecimalOf(b []byte, scale int) (*big.Rat, error) {
	if len(b) > maxDecimalBytes {
		return nil, fmt.Errorf("%w: a decimal of %d bytes: want at most %d", ErrInvalid, len(b), maxDecimalBytes)
	}
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(len(b))*8))
	}
	r := new(big.Rat).SetInt(n)
	return r.Mul(r, power(-scale)), nil
}

// DecimalBytes is the reverse of DecimalOf, in as few bytes as hold the number. A
// number with more decimals than scale is an error: nothing is rounded.
func DecimalBytes(r *big.Rat, scale int) ([]byte, error) {
	n := new(big.Rat).Mul(r, power(scale))
	if !n.IsInt() {
		return nil, fmt.Errorf("%w: %.40s has more than %d decimals", ErrInvalid, r.RatString(), scale)
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
