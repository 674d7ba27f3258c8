package expression

import (
	"encoding/json"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

func record() *connect.Record {
	return &connect.Record{Topic: "access", Partition: connect.InPartition(3), Offset: 7, Timestamp: time.UnixMilli(1768469412345),
		Key: connect.Decoded(nil, "k"), Headers: []connect.Header{{Key: "h", Value: "a"}, {Key: "h", Value: "b"}},
		Value: connect.Decoded(nil, map[string]any{"status": int64(503), "host": "a.example", "big": json.Number("1e400"),
			"cost": big.NewRat(5, 4), "list": []any{int64(1), json.Number("99999999999999999999")}, "none": nil,
			"ids": map[any]any{int64(1): big.NewRat(1, 2)}, "pairs": data.Pairs{{Key: []byte("x"), Value: big.NewRat(1, 2)}}})}
}

func TestExpressionsSeeTheRecord(t *testing.T) {
	for text, want := range map[string]any{
		"value.status >= 500":                                  true,
		"topic + '-' + value.host":                             "access-a.example",
		"partition == 3 && offset == 7":                        true,
		"timestamp.Year()":                                     int64(2026),
		"key == 'k' and headers.h == 'b' and headers.x == nil": true,
		"value.cost * 2":                                       2.5,
		"value.list[1] > 1e19":                                 true,
		"value.nope?.x ?? 'none'":                              "none",
		"value.host matches '^[a-z]+[.]example$'":              true,
		"value.pairs[0][1]":                                    0.5,
		"len($env.value)":                                      int64(8),
		"1..3":                                                 []any{int64(1), int64(2), int64(3)},
		"{a: split('x,y', ',')}":                               map[string]any{"a": []any{"x", "y"}},
		"duration('1s')":                                       int64(1000),
	} {
		e, err := Any(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := e.Run(record()); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s = %v (%T), %v, want %v", text, got, got, err, want)
		}
	}
}

func TestMistakesAreErrors(t *testing.T) {
	for text, want := range map[string]string{
		"value.status >=": "unexpected", "valeu.status": "unknown name valeu", "now()": "unknown name now", "topic + 1": "mismatched types", "topic": "expected bool",
	} {
		if _, err := Bool(text); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("Bool(%s) = %v, want an error of one line with %q", text, err, want)
		}
	}
	for text, want := range map[string]string{"value.none > 5": "nil", "value.none.x == 1": "nil", "repeat('a', 9999999) == ''": "memory budget", "value.host": "bool"} {
		e, err := Bool(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := e.Run(record()); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "access") {
			t.Errorf("%s = %v, %v, want an error with %q and the topic", text, got, err, want)
		}
	}
}

func TestOnlyWhatIsMentionedIsDecoded(t *testing.T) {
	e, err := Bool("topic == 'a' && headers.x == nil")
	if err != nil {
		t.Fatal(err)
	}
	if e.uses.key || e.uses.value || !e.uses.headers {
		t.Errorf("it decodes %+v, want headers alone", e.uses)
	}
}

func FuzzExpression(f *testing.F) {
	f.Add("value.status >= 500 ? topic : key")
	f.Add("map(value.list, # + 1)")
	f.Fuzz(func(t *testing.T, text string) {
		e, err := Any(text)
		if err != nil {
			return
		}
		r := record()
		_, _ = e.Run(r)
		_, got, _ := r.Value.Decode()
		_, want, _ := record().Value.Decode()
		if !data.Equal(got, want) {
			t.Errorf("%q changes the value to %v", text, got)
		}
	})
}
