// Package lives is what a task's supervisor and the lives of the task agree on.
package lives

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"
	"slices"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/twmb/franz-go/pkg/kerr"
)

// Runner is one life of a task, from its start to its failure or stop.
type Runner interface {
	// Run works until ctx is done, and then returns nil unless something could
	// not be brought to its end, or until it fails. It calls started once the
	// task works. It is called once.
	Run(ctx context.Context, started func()) error
}

// ErrAgain ends a life after which another one begins at once: nothing has failed, and the next one
// works in another way.
var ErrAgain = errors.New("the task goes on in another way")

// Protect turns a panic of fn into an error with its stack.
func Protect(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &PanicError{Value: p, Stack: debug.Stack()}
		}
	}()
	return fn()
}

// PanicError is a panic of a plugin.
type PanicError struct {
	// Value is what the plugin panicked with, and Stack where.
	Value any
	Stack []byte
}

// Unwrap returns what the plugin panicked with when that is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// HasPanicked reports whether err is a panic of a plugin. The plugin may hold
// its own locks then, so that nothing but Stop is called any more.
func HasPanicked(err error) bool {
	var p *PanicError
	return errors.As(err, &p)
}

// Error returns the value and the stack.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v\n%s", e.Value, e.Stack) }

// fatal marks an error that a restart cannot cure.
type fatal struct{ error }

func (f fatal) Unwrap() error { return f.error }

// Fatal marks err as one that a restart cannot cure.
func Fatal(err error) error { return fatal{err} }

// IsFatal reports whether a task should not be restarted by itself: its
// configuration is wrong, or another worker has taken its place.
func IsFatal(err error) bool {
	var f fatal
	var errs config.Errors
	return errors.As(err, &f) || errors.As(err, &errs)
}

// Class says whether a failure may pass, and so when a task is started again.
type Class int

// The classes, by what has to happen before a restart is of use.
const (
	Passing  Class = iota // nothing, or an outside system comes back
	Denied                // a person allows something
	Record                // a record is dealt with: a life meets the same one again
	Hopeless              // the configuration is changed, or another worker gives the task up
)

var classNames = [...]string{"passing", "denied", "record", "hopeless"}

// String is the name of the class for the log.
func (c Class) String() string { return classNames[c] }

// ClassOf returns the class of a failure.
func ClassOf(err error) Class {
	var record *RecordError
	switch {
	case IsFatal(err):
		return Hopeless
	case connect.IsRetriable(err):
		return Passing
	case errors.As(err, &record):
		return Record
	case connect.IsDenied(err) || slices.ContainsFunc(refusals, func(e error) bool { return errors.Is(err, e) }):
		return Denied
	}
	return Passing
}

// refusals are what brokers, and file systems, answer to who may not do something.
var refusals = []error{fs.ErrPermission, kerr.TopicAuthorizationFailed, kerr.GroupAuthorizationFailed,
	kerr.ClusterAuthorizationFailed, kerr.TransactionalIDAuthorizationFailed, kerr.DelegationTokenAuthorizationFailed,
	kerr.SaslAuthenticationFailed}

// RecordError is a bad record that ends the task. Its text is bounded, which that of
// the reason need not be.
type RecordError struct {
	// Text says which record, and why.
	Text string
	// Reason is why.
	Reason error
}

// Error returns the text.
func (e *RecordError) Error() string { return e.Text }

// Unwrap returns the reason.
func (e *RecordError) Unwrap() error { return e.Reason }
