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
