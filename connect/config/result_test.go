package config_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/suiro/suiro/connect/config"
)

// line is a result as text: its name, value and errors.
func line(r config.Result) string {
	value := "null"
	if r.Value != nil {
		value = fmt.Sprintf("%q", *r.Value)
	}
	text := r.Key.Name + " = " + value
	for _, e := range r.Errors {
		text += " | " + e.Error()
	}
	return text
}

func lines(results []config.Result) []string {
	var out []string
	for _, r := range results {
		out = append(out, line(r))
	}
	return out
}

// The values and errors are those that ConfigDef.validate of Kafka gives: a
// value that cannot be parsed is null, one that the validator refuses is shown.
func TestValidateAnswersForEveryKey(t *testing.T) {
	got := lines(def.Validate(map[string]string{"tasks.max": "0", "wait.ms": "soon", "ratio": "0.25", "topics": "b, a",
		"mode": "some", "password": "top-secret", "nmae": "x"}))
	want := []string{
		`name = null | Missing required configuration "name" which has no default value.`,
		`tasks.max = "0" | Invalid value 0 for configuration tasks.max: Value must be at least 1`,
		`wait.ms = null | Invalid value soon for configuration wait.ms: Not a number of type LONG`,
		`ratio = "0.25"`,
		`on = "false"`,
		`topics = "b,a"`,
		`mode = "some" | Invalid value some for configuration mode: String must be one of: all, none`,
		`password = "[hidden]"`,
		`class = null`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("Validate =\n%q\nwant\n%q", got, want)
	}
}

func TestValidateFindsWhatParseFinds(t *testing.T) {
	for _, props := range []map[string]string{
		{"name": "shop"}, {}, {"name": ""}, {"name": "shop", "on": "1", "ratio": "x", "password": "", "mode": "NONE"},
	} {
		_, err := def.Parse(props)
		var want, got config.Errors
		if err != nil {
			want = err.(config.Errors)
		}
		for _, r := range def.Validate(props) {
			got = append(got, r.Errors...)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("Validate(%v) finds %v, want %v as Parse", props, got, want)
		}
	}
}

func TestValidatePassesOnRecommendedValues(t *testing.T) {
	d := config.New(config.Key{Name: "converter", Type: config.Class, Recommended: []string{"Json", "Avro"}})
	if got, want := d.Validate(nil)[0].Recommended, []string{"Json", "Avro"}; !slices.Equal(got, want) {
		t.Errorf("recommended = %q, want %q", got, want)
	}
}

func TestAttachAddsErrorsToTheirKeys(t *testing.T) {
	d := config.New(
		config.Key{Name: "a", Type: config.Int, Valid: config.AtLeast(1)},
		config.Key{Name: "b", Type: config.String},
	)
	results := d.Validate(map[string]string{"a": "0"})
	got := lines(config.Attach(results, config.Errors{
		config.Errorf("b", "x", "must differ from a"),
		results[0].Errors[0], // what Validate has found already
		config.UnknownKey("c", d.Names()),
		config.Errorf("c", "y", "must be z"),
	}))
	want := []string{
		`a = "0" | Invalid value 0 for configuration a: Value must be at least 1`,
		`b = null | Invalid value x for configuration b: must differ from a`,
		`c = null | Unknown configuration "c", did you mean "a"? | Invalid value y for configuration c: must be z`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("Attach =\n%q\nwant\n%q", got, want)
	}
}
