package plan

import (
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan/internal/foreign"
)

// findings are what is wrong with a configuration, and what has no effect in it.
type findings struct {
	errs     config.Errors
	warnings []string
}

// refuse notes errors.
func (f *findings) refuse(errs ...config.KeyError) { f.errs = append(f.errs, errs...) }

// warn notes warnings.
func (f *findings) warn(warnings ...string) { f.warnings = append(f.warnings, warnings...) }

// unknown notes keys that nobody declares: as warnings when the lists have them,
// because others read them, and else as errors. The names of the lists and the
// declared ones are without the prefix; belongs says where a key should be, and may
// be nil.
func (f *findings) unknown(errs config.Errors, prefix string, declared []string, belongs func(string) string,
	lists ...[]foreign.Keys) {
	warnings, refused := foreign.Accept(errs, prefix, declared, lists...)
	f.warn(warnings...)
	for _, e := range refused {
		f.refuse(withRemedy(e, belongs))
	}
}

// withRemedy says what to do about an unknown key: write it where it belongs, by its
// right name, or not at all.
func withRemedy(e config.KeyError, belongs func(string) string) config.KeyError {
	if belongs != nil {
		if where := belongs(e.Key); where != "" {
			e = config.UnknownKey(e.Key, nil)
			e.Message += ": " + where
			return e
		}
	}
	switch {
	case strings.HasSuffix(e.Message, "?") || strings.Contains(e.Message, ": "):
	case foreign.Family(e.Key) != "":
		e.Message += ", did you mean \"" + foreign.Family(e.Key) + "\"?"
	default:
		e.Message += ": nothing here reads it; correct its name or leave it out"
	}
	return e
}
