package jsontext

import (
	"bytes"
	"math"
	"slices"
	"strconv"
)

// IsNumber reports whether s is a number by the grammar of JSON, and whether it
// has an exponent.
func IsNumber(s []byte) (number, exponent bool) {
	i := 0
	if i < len(s) && s[i] == '-' {
		i++
	}
	whole := digits(s, i)
	if whole == i || s[i] == '0' && whole > i+1 {
		return false, false
	}
	i = whole
	if i < len(s) && s[i] == '.' {
		end := digits(s, i+1)
		if end == i+1 {
			return false, false
		}
		i = end
	}
	if i == len(s) {
		return true, false
	}
	if s[i]|0x20 != 'e' {
		return false, false
	}
	i++
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	end := digits(s, i)
	return end > i && end == len(s), true
}

// digits returns where the decimal digits of s that begin at i end.
func digits(s []byte, i int) int {
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	return i
}

// AppendFloat appends f, which is neither NaN nor infinite, as Java's
// Double.toString lays it out: always with a fraction, so that whole numbers
// are read as floats again, and as 1.0E7 from there and below 0.001.
func AppendFloat(b []byte, f float64, bits int) []byte {
	if a := math.Abs(f); a != 0 && (a < 1e-3 || a >= 1e7) {
		mantissa, exp, _ := bytes.Cut(strconv.AppendFloat(nil, f, 'E', -1, bits), []byte{'E'})
		b = withFraction(append(b, mantissa...), len(b))
		b = append(b, 'E')
		if exp[0] == '-' {
			b = append(b, '-')
		}
		return append(b, bytes.TrimLeft(exp, "+-0")...)
	}
	start := len(b)
	return withFraction(strconv.AppendFloat(b, f, 'f', -1, bits), start)
}

// withFraction completes the number that begins at start.
func withFraction(b []byte, start int) []byte {
	if slices.Contains(b[start:], '.') {
		return b
	}
	return append(b, '.', '0')
}
