package config_test

import (
	"errors"
	"testing"

	"github.com/suiro/suiro/connect/config"
)

func TestValidators(t *testing.T) {
	even := config.Func("[even]", func(v any) error {
		if v.(int64)%2 != 0 {
			return errors.New("must be even")
		}
		return nil
	})
	for _, c := range []struct {
		valid config.Validator
		value any
		want  string // "" for accepted
	}{
		{config.AtLeast(1), int64(1), ""},
		{config.AtLeast(1), int64(0), "Value must be at least 1"},
		{config.AtLeast(1), 0.5, "Value must be at least 1"},
		{config.AtLeast(1<<62 + 1), int64(1 << 62), "Value must be at least 4611686018427387905"},
		{config.Between(0, 1), 1.0, ""},
		{config.Between(0, 1), 1.5, "Value must be no more than 1"},
		{config.Between(0, 1), int64(-1), "Value must be at least 0"},
		{config.OneOf(false, "a", "b"), "b", ""},
		{config.OneOf(false, "a", "b"), "B", `String must be one of: a, b (did you mean "b"?)`},
		{config.OneOf(false, "warn", "error"), "warning", `String must be one of: warn, error (did you mean "warn"?)`},
		{config.OneOf(false, "none", "all"), "some", "String must be one of: none, all"},
		{config.OneOf(false, "a", "b"), []string{"a", "b"}, ""},
		{config.OneOf(false, "a", "b"), []string{"a", "x"}, "String must be one of: a, b"},
		{config.AtMost(1), int64(1), ""},
		{config.AtMost(1), int64(2), "Value must be no more than 1"},
		{config.All(config.NonEmpty(), config.OneOf(false, "a")), "a", ""},
		{config.All(config.NonEmpty(), config.OneOf(false, "a")), "", "String must be non-empty"},
		{config.All(config.NonEmpty(), config.OneOf(false, "a")), "x", "String must be one of: a"},
		{config.OneOf(true, "a", "b"), "B", ""},
		{config.NonEmpty(), "x", ""},
		{config.NonEmpty(), "", "String must be non-empty"},
		{config.NonEmpty(), []string{}, "String must be non-empty"},
		{config.NonEmpty(), []string{"x"}, ""},
		{even, int64(2), ""},
		{even, int64(3), "must be even"},
	} {
		err := c.valid.Check(c.value)
		if err == nil && c.want != "" || err != nil && err.Error() != c.want {
			t.Errorf("%v of %v = %v, want %q", c.valid, c.value, err, c.want)
		}
	}
}

func TestValidatorsSayWhatTheyAccept(t *testing.T) {
	for want, v := range map[string]config.Validator{
		"[1,...]": config.AtLeast(1), "[0,...,9]": config.Between(0, 9), "[a, b]": config.OneOf(true, "a", "b"),
		"non-empty": config.NonEmpty(), "[...,9]": config.AtMost(9),
		"non-empty, [a]": config.All(config.NonEmpty(), config.OneOf(false, "a")), "[even]": config.Func("[even]", nil),
	} {
		if got := v.String(); got != want {
			t.Errorf("String = %q, want %q", got, want)
		}
	}
}
