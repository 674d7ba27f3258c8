package json

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect/data"
)

// maxDigits is how many digits a decimal has at most, and how large its exponent
// may be: the largest scale of a Decimal. Without a bound, a short text as 1e999999999
// takes memory without end.
const maxDigits = 10_000

// exact reads a number with all its digits, unless they are too many.
func exact(text string) (*big.Rat, bool) {
	if len(text) > maxDigits {
		return nil, false
	}
	if exponent(text) > maxDigits {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// exponent returns how large the exponent of a number is, without its sign; of one that
// is larger than maxDigits a number that is larger, too.
func exponent(text string) int {
	i := strings.IndexAny(text, "eE")
	if i < 0 {
		return 0
	}
	e, err := strconv.Atoi(text[i+1:])
	if err != nil {
		return maxDigits + 1
	}
	return min(max(e, -e), maxDigits+1)
}

func numberOf(s *data.Schema, text string) (any, error) {
	switch s.Kind {
	case data.Float32:
		f, err := strconv.ParseFloat(text, 32)
		return float32(f), outOfRange(s, text, err)
	case data.Float64:
		f, err := strconv.ParseFloat(text, 64)
		return f, outOfRange(s, text, err)
	}
	n, err := strconv.ParseInt(text, 10, s.Kind.Bits())
	if err != nil {
		var whole bool
		if n, whole = wholeNumber(text); !whole || !s.Kind.Fits(n) {
			return nil, outOfRange(s, text, err)
		}
	}
	if s.IsTime() {
		return data.TimeOf(s, n)
	}
	return s.Kind.Sized(n), nil
}

// wholeNumber reads an integer that is written with a fraction or an exponent,
// as 1.0 or 1e2.
func wholeNumber(text string) (int64, bool) {
	const most = 19 // digits of an INT64
	mantissa, _, _ := strings.Cut(strings.ToLower(text), "e")
	if exponent(text) > len(mantissa)+most {
		return 0, strings.Trim(mantissa, "-0.") == "" // it is 0, too large, or a fraction
	}
	r, ok := exact(text)
	if !ok || !r.IsInt() || !r.Num().IsInt64() {
		return 0, false
	}
	return r.Num().Int64(), true
}

func outOfRange(s *data.Schema, text string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %.40s does not fit %v", data.ErrInvalid, text, s.Kind)
}

func plainNumber(digits []byte) any {
	text := string(digits)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	if strings.ContainsAny(text, ".eE") {
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return f
		}
	}
	return json.Number(text)
}
