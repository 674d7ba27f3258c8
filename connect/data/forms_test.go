package data_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/data"
)

func TestTheFormsOfAValue(t *testing.T) {
	at := time.Date(2026, 1, 15, 9, 30, 12, 345_000_000, time.UTC)
	day := time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)
	price := &data.Schema{Kind: data.Bytes, Name: data.DecimalName, Parameters: map[string]string{"scale": "2"}}
	user := &data.Schema{Kind: data.Struct, Fields: []data.Field{{Name: "name", Schema: &data.Schema{Kind: data.String}},
		{Name: "paid", Schema: price}}}
	none := ""
	for _, tt := range []struct {
		s                  *data.Schema
		v                  any
		text, json, number string // number is "" where there is none
	}{
		{nil, nil, "null", "null", none},
		{nil, "12", "12", `"12"`, none},
		{nil, true, "true", "true", none},
		{nil, int64(-7), "-7", "-7", "-7"},
		{&data.Schema{Kind: data.Int8}, int8(7), "7", "7", "7"},
		{nil, 1.5, "1.5", "1.5", "1.5"},
		{nil, float32(0.1), "0.1", "0.1", "0.1"},
		{nil, math.NaN(), "NaN", `"NaN"`, none},
		{nil, math.Inf(-1), "-Infinity", `"-Infinity"`, none},
		{nil, json.Number("12345678901234567890.5"), "12345678901234567890.5", "12345678901234567890.5", "12345678901234567890.5"},
		{price, big.NewRat(5, 2), "2.50", "2.50", "2.50"},
		{nil, big.NewRat(5, 2), "2.5", "2.5", "2.5"},
		{&data.Schema{Kind: data.Int32, Name: data.DateName}, day, "Thu Jan 15 00:00:00 UTC 2026", "20468", "20468"},
		{&data.Schema{Kind: data.Int64, Name: data.TimestampName}, at, "Thu Jan 15 09:30:12 UTC 2026", "1768469412345", "1768469412345"},
		{nil, at, "Thu Jan 15 09:30:12 UTC 2026", "1768469412345", "1768469412345"},
		{nil, []byte{1, 2}, "AQI=", `"AQI="`, none},
		{nil, []any{int64(1), "x"}, "[1, x]", `[1,"x"]`, none},
		{user, map[string]any{"name": "é", "paid": big.NewRat(1, 4)}, "Struct{name=é,paid=0.25}", `{"name":"é","paid":0.25}`, none},
	} {
		text, err := data.Text(tt.s, tt.v)
		if text != tt.text || err != nil {
			t.Errorf("Text(%v) = %q, %v, want %q", tt.v, text, err, tt.text)
		}
		asJSON, err := data.JSON(tt.s, tt.v)
		if string(asJSON) != tt.json || err != nil {
			t.Errorf("JSON(%v) = %s, %v, want %s", tt.v, asJSON, err, tt.json)
		}
		number, err := data.Number(tt.s, tt.v)
		if string(number) != tt.number || (err != nil) != (tt.number == none) || err != nil && !errors.Is(err, data.ErrInvalid) {
			t.Errorf("Number(%v) = %q, %v, want %q", tt.v, number, err, tt.number)
		}
	}
}

func TestFieldSchemaIsOfAFieldIfThereIsOne(t *testing.T) {
	text := &data.Schema{Kind: data.String}
	for name, tt := range map[string]struct{ s, want *data.Schema }{
		"no schema": {nil, nil}, "struct": {&data.Schema{Kind: data.Struct, Fields: []data.Field{{Name: "f", Schema: text}}}, text},
		"other field": {&data.Schema{Kind: data.Struct}, nil}, "map": {&data.Schema{Kind: data.Map, Elem: text}, text},
		"not a struct": {text, nil},
	} {
		if got := tt.s.FieldSchema("f"); got != tt.want {
			t.Errorf("%s: FieldSchema = %v, want %v", name, got, tt.want)
		}
	}
}

func TestWhatIsNotConnectsDataHasNoForm(t *testing.T) {
	v := struct{}{}
	if _, err := data.Text(nil, v); !errors.Is(err, data.ErrInvalid) {
		t.Errorf("Text = %v, want ErrInvalid", err)
	}
	if _, err := data.JSON(nil, v); !errors.Is(err, data.ErrInvalid) {
		t.Errorf("JSON = %v, want ErrInvalid", err)
	}
	for _, v := range []any{v, json.Number("1x"), json.Number("")} {
		if n, err := data.Number(nil, v); !errors.Is(err, data.ErrInvalid) || n != "" {
			t.Errorf("Number(%v) = %q, %v, want ErrInvalid", v, n, err)
		}
	}
}

// A sink that writes text asks for the text of whatever the converter made.
func ExampleText() {
	price := &data.Schema{Kind: data.Bytes, Name: data.DecimalName, Parameters: map[string]string{"scale": "2"}}
	for _, v := range []any{"as it is", int32(12), 1.5, nil} {
		text, err := data.Text(nil, v)
		fmt.Println(text, err)
	}
	fmt.Println(data.Text(price, big.NewRat(25, 10)))
	// Output:
	// as it is <nil>
	// 12 <nil>
	// 1.5 <nil>
	// null <nil>
	// 2.50 <nil>
}

// Digits are never rounded, so that the reader of the number decides.
func ExampleNumber() {
	at := time.Date(2026, 1, 15, 9, 30, 12, 0, time.UTC)
	price := &data.Schema{Kind: data.Bytes, Name: data.DecimalName, Parameters: map[string]string{"scale": "2"}}
	fmt.Println(data.Number(price, big.NewRat(25, 10)))
	fmt.Println(data.Number(&data.Schema{Kind: data.Int64, Name: data.TimestampName}, at))
	fmt.Println(data.Number(nil, "12"))
	// Output:
	// 2.50 <nil>
	// 1768469412000 <nil>
	//  invalid data: a string is not a number
}

func ExampleJSON() {
	text, err := data.JSON(nil, map[string]any{"user": "ada", "visits": int64(3), "tags": []any{"a", nil}})
	fmt.Println(string(text), err)
	// Output: {"tags":["a",null],"user":"ada","visits":3} <nil>
}
