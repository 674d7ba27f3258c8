package parsers

import (
	"fmt"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/transforms/internal/smt"
	"github.com/suiro/suiro/transforms/internal/smt/smttest"
)

func TestParseJSON(t *testing.T) {
	smttest.Run(t, "parse_json", ParseJSONKeyPlugin(), ParseJSONValuePlugin())
}

func TestParseJSONKeepsThePromises(t *testing.T) {
	keepsThePromises(t, func(p Place) (connect.Transform, error) {
		return NewParseJSON(smt.Value, ParseJSONConfig{Place: p, Schema: `{"type":"int64","optional":true}`})
	}, "7")
}

func ExampleParseJSON() {
	transform, err := NewParseJSON(smt.Value, ParseJSONConfig{Place: Place{Field: "payload"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := transform.Apply(&connect.Record{Value: connect.Decoded(nil,
		map[string]any{"id": int64(7), "payload": `{"item":"tea","count":2}`})})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, v, err := r.Value.Decode()
	fmt.Println(v, err)
	// Output: map[id:7 payload:map[count:2 item:tea]] <nil>
}

func FuzzParseJSON(f *testing.F) {
	for _, text := range []string{"", "null", "1", `{"a":[1,2.5,"水"]}`, `{"a":`, `"\ud800"`, "1e9999", "\xff"} {
		f.Add([]byte(text))
	}
	fuzz(f, func(p Place) (connect.Transform, error) { return NewParseJSON(smt.Value, ParseJSONConfig{Place: p}) })
}

func BenchmarkParseJSON(b *testing.B) {
	transform, err := NewParseJSON(smt.Value, ParseJSONConfig{Place: Place{Field: "raw"}})
	if err != nil {
		b.Fatal(err)
	}
	smttest.Benchmark(b, transform, &connect.Record{Topic: "t", Value: connect.Decoded(nil,
		map[string]any{"host": "a", "raw": `{"time":"2000-10-10T20:55:36.000Z","status":200,"uri":"/apache_pb.gif"}`})})
}
