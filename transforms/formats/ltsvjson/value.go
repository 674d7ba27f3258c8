package ltsvjson

import (
	"fmt"
	"strconv"
	"time"

	"github.com/suiro/suiro/internal/jsontext"
	"github.com/suiro/suiro/transforms/formats/ltsv"
)

// appendTyped appends v, which is not empty, as the type of f wants it.
func appendTyped(dst []byte, f *field, v []byte, times TimeFormat) ([]byte, error) {
	switch f.action {
	case writeInt:
		return appendInt(dst, v)
	case writeFloat:
		return appendFloat(dst, v)
	case writeBool:
		b, err := ltsv.ParseBool(v)
		if err != nil {
			return dst, err
		}
		return strconv.AppendBool(dst, b), nil
	default:
		at, err := f.typ.ParseTime(v)
		if err != nil {
			return dst, err
		}
		if times == UnixMillis {
			return strconv.AppendInt(dst, at.UnixMilli(), 10), nil
		}
		return appendTime(dst, at)
	}
}

func appendInt(dst, v []byte) ([]byte, error) {
	n, err := ltsv.ParseInt(v)
	if err != nil {
		return dst, err
	}
	return strconv.AppendInt(dst, n, 10), nil
}

// appendFloat copies v where it is a number of JSON already, so that its digits
// stay as they were written.
func appendFloat(dst, v []byte) ([]byte, error) {
	const safe = 300 // digits that cannot leave the range of a float64
	if number, exponent := jsontext.IsNumber(v); number && !exponent && len(v) < safe {
		return append(dst, v...), nil
	}
	n, err := ltsv.ParseFloat(v)
	if err != nil {
		return dst, err
	}
	return strconv.AppendFloat(dst, n, 'g', -1, 64), nil
}

// appendTime appends at in UTC as "2006-01-02T15:04:05.000Z".
func appendTime(dst []byte, at time.Time) ([]byte, error) {
	at = at.UTC()
	year, month, day := at.Date()
	if year < 0 || year > 9999 {
		return dst, fmt.Errorf("%w: year %d is not of four digits", ltsv.ErrValue, year)
	}
	hour, minute, second := at.Clock()
	dst = append(dst, '"')
	dst = append2(append2(dst, year/100), year%100)
	dst = append2(append(dst, '-'), int(month))
	dst = append2(append(dst, '-'), day)
	dst = append2(append(dst, 'T'), hour)
	dst = append2(append(dst, ':'), minute)
	dst = append2(append(dst, ':'), second)
	ms := at.Nanosecond() / 1_000_000
	dst = append2(append(dst, '.', byte('0'+ms/100)), ms%100)
	return append(dst, 'Z', '"'), nil
}

// append2 appends n, which is below 100, as two digits.
func append2(dst []byte, n int) []byte {
	return append(dst, byte('0'+n/10), byte('0'+n%10))
}
