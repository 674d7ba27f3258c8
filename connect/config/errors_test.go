package config_test

import (
	"testing"

	"github.com/suiro/suiro/connect/config"
)

func TestKeyErrorsSayWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		err   config.KeyError
		fault config.Fault
		want  string
	}{
		{config.MissingKey("file"), config.Missing, `Missing required configuration "file" which has no default value.`},
		{config.UnknownKey("fiel", []string{"file"}), config.Unknown, `Unknown configuration "fiel", did you mean "file"?`},
		{config.Errorf("a", "1", "must be less than %s", "b"), config.Invalid, "Invalid value 1 for configuration a: " +
			"must be less than b"},
	} {
		if got := c.err.Error(); got != c.want || c.err.Fault != c.fault {
			t.Errorf("error = %q with fault %d, want %q with fault %d", got, c.err.Fault, c.want, c.fault)
		}
	}
}

// The kind of an error is in its Fault, whatever its text says.
func TestTextDoesNotMakeTheFault(t *testing.T) {
	e := config.Errorf("note", "x", "Missing required configuration")
	if got, want := e.Error(), "Invalid value x for configuration note: Missing required configuration"; got != want {
		t.Errorf("Error = %q, want %q", got, want)
	}
}

func TestErrorsAreOneALine(t *testing.T) {
	errs := config.Errors{config.Errorf("a", "1", "bad"), config.MissingKey("b")}
	want := "Invalid value 1 for configuration a: bad\n" + `Missing required configuration "b" which has no default value.`
	if got := errs.OrNil(); got == nil || got.Error() != want {
		t.Errorf("OrNil =\n%v\nwant\n%s", got, want)
	}
	if got := (config.Errors{}).OrNil(); got != nil {
		t.Errorf("OrNil of no errors = %v, want nil", got)
	}
}
