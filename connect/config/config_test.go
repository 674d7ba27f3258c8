package config_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/config"
)

var def = config.New(
	config.Key{Name: "name", Type: config.String, Required: true, Valid: config.NonEmpty()},
	config.Key{Name: "tasks.max", Type: config.Int, Default: 1, Valid: config.AtLeast(1)},
	config.Key{Name: "wait.ms", Type: config.Long, Default: 1500},
	config.Key{Name: "ratio", Type: config.Double, Default: 0.5, Valid: config.Between(0, 1)},
	config.Key{Name: "on", Type: config.Boolean, Default: false},
	config.Key{Name: "topics", Type: config.List, Default: ""},
	config.Key{Name: "mode", Type: config.String, Default: "all", Valid: config.OneOf(true, "all", "none")},
	config.Key{Name: "password", Type: config.Password, Valid: config.NonEmpty()},
	config.Key{Name: "class", Type: config.Class},
)

func TestParseReadsEachType(t *testing.T) {
	v, err := def.Parse(map[string]string{"name": " shop ", "tasks.max": " 3", "ratio": "0.25", "on": "TRUE",
		"topics": "a, b ,c", "mode": "None", "password": " secret ", "class": "x.Y", "other": "kept out"})
	if err != nil {
		t.Fatal(err)
	}
	got := []any{v.String("name"), v.Int("tasks.max"), v.Millis("wait.ms"), v.Double("ratio"), v.Bool("on"),
		v.String("mode"), string(v.Password("password")), v.String("class"), v.IsSet("on"), v.IsSet("wait.ms")}
	want := []any{"shop", 3, 1500 * time.Millisecond, 0.25, true, "None", " secret ", "x.Y", true, false}
	if !slices.Equal(got, want) {
		t.Errorf("values = %v, want %v", got, want)
	}
	if got, want := v.List("topics"), []string{"a", "b", "c"}; !slices.Equal(got, want) {
		t.Errorf("topics = %q, want %q", got, want)
	}
}

// Configurations written for Java use the largest long for never.
func TestMillisOfAnyLong(t *testing.T) {
	for text, sign := range map[string]int{"9223372036854775807": 1, "-9223372036854775808": -1, "0": 0, "-1": -1} {
		v, err := def.Parse(map[string]string{"name": "shop", "wait.ms": text})
		if err != nil {
			t.Fatal(err)
		}
		got := v.Millis("wait.ms")
		if cmp.Compare(got, 0) != sign || cmp.Compare(got+time.Duration(sign)*time.Hour, 0) != sign {
			t.Errorf("Millis of %s = %v, want the sign to stay, also with an hour more", text, got)
		}
	}
}

func TestParseReportsEveryBadKeyInKafkasWords(t *testing.T) {
	_, err := def.Parse(map[string]string{"tasks.max": "0", "wait.ms": "soon", "ratio": "2", "on": "yes",
		"mode": "some", "password": ""})
	want := strings.Join([]string{
		`Missing required configuration "name" which has no default value.`,
		`Invalid value 0 for configuration tasks.max: Value must be at least 1`,
		`Invalid value soon for configuration wait.ms: Not a number of type LONG`,
		`Invalid value 2 for configuration ratio: Value must be no more than 1`,
		`Invalid value yes for configuration on: Expected value to be either true or false: write true`,
		`Invalid value some for configuration mode: String must be one of: all, none`,
	}, "\n")
	var errs config.Errors
	if !errors.As(err, &errs) || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("Parse =\n%v\nwant\n%s", err, want)
	}
}

func TestSecretsDoNotShow(t *testing.T) {
	v, err := def.Parse(map[string]string{"name": "x", "password": "top-secret"})
	if err != nil {
		t.Fatal(err)
	}
	p := v.Password("password")
	if text := fmt.Sprintf("%v %s %#v %+v", p, p, p, p); strings.Contains(text, "top-secret") {
		t.Errorf("printed %q", text)
	}
}

func TestUnknownLeavesDeclaredAndPrefixedKeysOut(t *testing.T) {
	got := def.Unknown(map[string]string{"name": "", "nmae": "", "transforms.a.type": "", "zzz": ""}, "transforms.")
	if want := []string{"nmae", "zzz"}; !slices.Equal(got, want) {
		t.Errorf("Unknown = %q, want %q", got, want)
	}
}

func TestUnknownErrorsNameTheNearest(t *testing.T) {
	got := def.UnknownErrors(map[string]string{"task.max": "1", "password.file": "top-secret", "transforms.a.type": ""},
		"transforms.")
	want := []string{
		`Unknown configuration "password.file", did you mean "password"?`,
		`Unknown configuration "task.max", did you mean "tasks.max"?`,
	}
	if len(got) != len(want) || got[0].Error() != want[0] || got[1].Error() != want[1] {
		t.Errorf("UnknownErrors =\n%v\nwant\n%s", got, strings.Join(want, "\n"))
	}
	if got := def.UnknownErrors(map[string]string{"name": ""}); got != nil {
		t.Errorf("UnknownErrors of known keys = %v, want none", got)
	}
}

func TestReadingPanicsOnMistakesOfTheProgram(t *testing.T) {
	v, err := def.Parse(map[string]string{"name": "shop"})
	if err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]func(){
		"not declared":   func() { v.String("nmae") },
		"another type":   func() { v.Bool("name") },
		"a long as int":  func() { v.Int("wait.ms") },
		"secret as text": func() { v.String("password") },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("the getter did not panic")
				}
			}()
			read()
		})
	}
}

func TestKeysWithoutValueReadAsZero(t *testing.T) {
	v, err := config.New(
		config.Key{Name: "s"}, config.Key{Name: "n", Type: config.Long},
		config.Key{Name: "l", Type: config.List}, config.Key{Name: "p", Type: config.Password},
	).Parse(nil)
	if err != nil {
		t.Fatal(err)
	}
	if v.String("s") != "" || v.Long("n") != 0 || v.Millis("n") != 0 || v.List("l") != nil || v.Password("p") != "" {
		t.Errorf("values = %q, %d, %v, %q, want zero values", v.String("s"), v.Long("n"), v.Millis("n"), v.List("l"))
	}
}

func TestNewPanicsOnMistakesOfTheProgram(t *testing.T) {
	for name, keys := range map[string][]config.Key{
		"twice":       {{Name: "a"}, {Name: "a"}},
		"unnamed":     {{}},
		"bad default": {{Name: "a", Type: config.Int, Default: "x"}},
		"no width":    {{Name: "a", Width: "HUGE"}},
		"refused":     {{Name: "a", Type: config.Int, Default: 0, Valid: config.AtLeast(1)}},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("New did not panic")
				}
			}()
			config.New(keys...)
		})
	}
}
