package parsers

import (
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/internal/smt"
)

// keepsThePromises checks what every transform promises, on text that is the whole value,
// a field, and a field of a struct with a schema.
func keepsThePromises(t *testing.T, make func(Place) (connect.Transform, error), text string) {
	t.Helper()
	around := &data.Schema{Kind: data.Struct, Fields: []data.Field{
		{Name: "raw", Schema: &data.Schema{Kind: data.Bytes}}, {Name: "host", Schema: &data.Schema{Kind: data.String}}}}
	for name, c := range map[string]struct {
		place Place
		value connect.Payload
	}{
		"whole": {Place{}, connect.Decoded(nil, text)},
		"field": {Place{Field: "raw"}, connect.Decoded(nil, map[string]any{"raw": text, "host": "a"})},
		"target": {Place{Field: "a.raw", Target: "made", Syntax: "V2"},
			connect.Decoded(nil, map[string]any{"a": map[string]any{"raw": text}})},
		"struct": {Place{Field: "raw", Target: "made"},
			connect.Decoded(around, map[string]any{"raw": []byte(text), "host": "a"})},
	} {
		t.Run(name, func(t *testing.T) {
			transform, err := make(c.place)
			if err != nil {
				t.Fatal(err)
			}
			connecttest.RunTransform(t, transform, &connect.Record{Topic: "t", Offset: -1, Value: c.value})
		})
	}
}

// Equal records keep one schema, so that a sink does not take each for a new one.
func TestEqualRecordsKeepOneSchema(t *testing.T) {
	transform, err := NewParseJSON(smt.Value, ParseJSONConfig{Place: Place{Field: "raw"}, Schema: `{"type":"int64"}`})
	if err != nil {
		t.Fatal(err)
	}
	around := &data.Schema{Kind: data.Struct, Fields: []data.Field{{Name: "raw", Schema: &data.Schema{Kind: data.String}}}}
	var schemas [2]*data.Schema
	for i := range schemas {
		r, err := transform.Apply(&connect.Record{Topic: "t", Value: connect.Decoded(around, map[string]any{"raw": "7"})})
		if err != nil {
			t.Fatal(err)
		}
		schemas[i], _, _ = r.Value.Decode()
	}
	if schemas[0] != schemas[1] || schemas[0] == around {
		t.Errorf("two records have the schemas %p and %p, made of %p; want one that is new", schemas[0], schemas[1], around)
	}
}

// With replace.null.with.default=false null stays null, in the data, too.
func TestNullStaysNullWhereDefaultsAreNotWanted(t *testing.T) {
	const content = `{"type":"struct","fields":[{"field":"n","type":"int64","optional":true,"default":5}]}`
	text := &data.Schema{Kind: data.String, Optional: true, Default: "{}"}
	around := &data.Schema{Kind: data.Struct, Fields: []data.Field{{Name: "raw", Schema: text}}}
	for name, c := range map[string]struct {
		replace bool
		raw     any
		want    any
	}{
		"defaults":          {true, "{}", map[string]any{"n": int64(5)}},
		"default of text":   {true, nil, map[string]any{"n": int64(5)}},
		"nulls":             {false, "{}", map[string]any{"n": nil}},
		"null for all text": {false, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			transform, err := NewParseJSON(smt.Value,
				ParseJSONConfig{Place: Place{Field: "raw", ReplaceNull: c.replace}, Schema: content})
			if err != nil {
				t.Fatal(err)
			}
			r, err := transform.Apply(&connect.Record{Topic: "t", Value: connect.Decoded(around, map[string]any{"raw": c.raw})})
			if err != nil {
				t.Fatal(err)
			}
			_, v, _ := r.Value.Decode()
			if got := v.(map[string]any)["raw"]; !data.Equal(got, c.want) {
				t.Errorf("%v becomes %v, want %v", c.raw, got, c.want)
			}
		})
	}
}

// fuzz checks that any text becomes the same data, or an error, wherever it is.
func fuzz(f *testing.F, make func(Place) (connect.Transform, error)) {
	f.Helper()
	whole, err := make(Place{})
	if err != nil {
		f.Fatal(err)
	}
	field, err := make(Place{Field: "raw"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		one, oneErr := whole.Apply(&connect.Record{Topic: "t", Value: connect.Decoded(nil, text)})
		other, otherErr := field.Apply(&connect.Record{Topic: "t",
			Value: connect.Decoded(nil, map[string]any{"raw": string(text)})})
		if (oneErr == nil) != (otherErr == nil) {
			t.Fatalf("%q as the whole: %v; in a field: %v", text, oneErr, otherErr)
		}
		if oneErr != nil {
			return
		}
		_, v, _ := one.Value.Decode()
		_, around, _ := other.Value.Decode()
		if got := around.(map[string]any)["raw"]; !data.Equal(got, v) {
			t.Errorf("%q as the whole is %v, in a field %v", text, v, got)
		}
	})
}
