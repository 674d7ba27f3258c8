package worker

import (
	"errors"

	"github.com/suiro/suiro/connect/config"
)

// fatal marks an error that a restart cannot heal.
type fatal struct{ error }

func (f fatal) Unwrap() error { return f.error }

// isFatal reports whether a task should not be started again by itself: its
// configuration is wrong, or another worker has taken its place.
func isFatal(err error) bool {
	var f fatal
	var errs config.Errors
	return errors.As(err, &f) || errors.As(err, &errs)
}

// asErrors returns err's list of keys. An error of another kind is one without
// a key, so that nothing gets lost.
func asErrors(err error) config.Errors {
	var errs config.Errors
	switch {
	case err == nil:
		return nil
	case errors.As(err, &errs):
		return errs
	}
	return config.Errors{{Message: err.Error()}}
}

// withPrefix puts a prefix in front of the keys of err.
func withPrefix(prefix string, err error) config.Errors {
	errs := append(config.Errors(nil), asErrors(err)...)
	for i := range errs {
		errs[i].Key = prefix + errs[i].Key
	}
	return errs
}

// dedupe drops repeated errors, as several clients share their keys.
func dedupe(errs config.Errors) config.Errors {
	seen := map[config.KeyError]bool{}
	var out config.Errors
	for _, e := range errs {
		if !seen[e] {
			seen[e] = true
			out = append(out, e)
		}
	}
	return out
}
