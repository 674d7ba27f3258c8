// Package lives is what a task's supervisor and the lives of the task agree on.
package lives

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/suiro/suiro/connect/config"
)

// Runner is one life of a task, from its start to its failure or stop.
type Runner interface {
	// Run works until ctx is done, and then returns nil unless something could
	// not be brought to its end, or until it fails. It calls started once the
	// task works. It is called once.
	Run(ctx context.Context, started func()) error
}

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
