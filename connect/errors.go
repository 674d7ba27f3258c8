package connect

import "errors"

// ErrEndOfInput is returned by [SourceTask.Poll] when a finite input, such as
// a file that is not followed, has been read to its end.
var ErrEndOfInput = errors.New("end of input")

type retriable struct{ err error }

func (r retriable) Error() string { return r.err.Error() }
func (r retriable) Unwrap() error { return r.err }

// Retriable marks err as one that may go away by itself: the worker waits and
// makes the same call again, as often as it takes. Retriable(nil) is nil.
func Retriable(err error) error {
	if err == nil {
		return nil
	}
	return retriable{err}
}

// IsRetriable reports whether err or an error it wraps was marked by
// [Retriable].
func IsRetriable(err error) bool {
	var r retriable
	return errors.As(err, &r)
}

type denied struct{ error }

func (d denied) Unwrap() error { return d.error }

// Denied marks err as the answer of an outside system that refuses who asks: a wrong
// password, a missing permission. A person has to change something there, so the worker
// starts a task or connector that fails so again only after its longest pause,
// errors.restart.delay.max.ms. Denied(nil) is nil. An error that wraps
// [io/fs.ErrPermission] counts as marked.
func Denied(err error) error {
	if err == nil {
		return nil
	}
	return denied{err}
}

// IsDenied reports whether err or an error it wraps was marked by [Denied].
func IsDenied(err error) bool {
	var d denied
	return errors.As(err, &d)
}

// Reason is the error of a bad record together with facts for programs, such as
// the status that Elasticsearch gave it.
type Reason struct {
	// Err is the cause.
	Err error
	// Headers are added to the dead letter's headers, by name.
	Headers map[string]string
}

// Error returns the cause's text.
func (r *Reason) Error() string { return r.Err.Error() }

// Unwrap returns the cause.
func (r *Reason) Unwrap() error { return r.Err }
