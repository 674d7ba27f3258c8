package data

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"time"
)

// Text returns v, which is of schema s or of none when s is nil, as text: a string
// as it is, anything else as [AppendText] writes it. It is what a sink writes into
// a text column or a line. The error is [ErrInvalid].
func Text(s *Schema, v any) (string, error) {
	if text, ok := v.(string); ok {
		return text, nil
	}
	text, err := AppendText(nil, s, v)
	return string(text), err
}

// JSON returns v, which is of schema s or of none when s is nil, as a JSON value:
// as [AppendJSON] writes it, with decimals as numbers, because what a sink writes
// to knows no base64 of an unscaled number. A Date is the days and a Time or
// Timestamp the milliseconds since 1970. The error is [ErrInvalid].
func JSON(s *Schema, v any) ([]byte, error) {
	return AppendJSON(nil, s, v, JSONOptions{NumericDecimals: true})
}

// Number returns the number that v is, which is of schema s or of none when s is
// nil, with all its digits: an integer, a finite float, a Decimal with the decimals
// of its scale, the days since 1970 of a Date, the milliseconds of a Time or
// Timestamp, and of a time without a schema those of a Timestamp. The result has
// Int64 and Float64. Anything else, text that looks like a number and null
// included, is an error that is [ErrInvalid].
func Number(s *Schema, v any) (json.Number, error) {
	switch v := v.(type) {
	case float64:
		return finite(v, 64)
	case float32:
		return finite(float64(v), 32)
	case *big.Rat:
		return decimal(s, v)
	case time.Time:
		if s == nil {
			s = &Schema{Kind: Int64, Name: TimestampName}
		}
		n, err := TimeNumber(s, v)
		return json.Number(strconv.FormatInt(n, 10)), err
	case json.Number:
		if _, err := JSON(nil, v); err != nil {
			return "", err
		}
		return v, nil
	}
	if n, ok := AsInt(v); ok {
		return json.Number(strconv.FormatInt(n, 10)), nil
	}
	return "", fmt.Errorf("%w: %s is not a number", ErrInvalid, Describe(v))
}

func finite(f float64, bits int) (json.Number, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "", fmt.Errorf("%w: %s is not a number with digits", ErrInvalid, appendFloatText(nil, f, bits))
	}
	return json.Number(appendFloat(nil, f, bits)), nil
}

func decimal(s *Schema, r *big.Rat) (json.Number, error) {
	text, err := JSON(s, r)
	if err != nil {
		return "", err
	}
	return json.Number(text), nil
}
