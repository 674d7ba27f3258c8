package connect

import "errors"

// ErrEndOfInput is returned by [SourceTask.Poll] when a finite input, such as
// a file that is not followed, has been read to its end.
var ErrEndOfInput = errors.New("end of input")

type retriable struct{ err error }

func (r retriable) Error() string { return r.err.Error() }
func (r retriable) Unwrap() error { return r.err }

// Retriable marks err as one that may go away by itself: the worker waits and
// calls again, it never gives up because the other side is slow.
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

// Reason is an error with machine-readable facts for the dead-letter headers,
// for instance an Elasticsearch item's status and type.
type Reason struct {
	// Err is the cause.
	Err error
	// Headers are added to the dead letter as they are.
	Headers map[string]string
}

// Error returns the cause's text.
func (r *Reason) Error() string { return r.Err.Error() }

// Unwrap returns the cause.
func (r *Reason) Unwrap() error { return r.Err }
