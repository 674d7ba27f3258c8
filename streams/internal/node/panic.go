package node

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/suiro/suiro/streams/topology"
)

// panicError is what a node has panicked with. Its text has the stack.
type panicError struct {
	err   error
	stack string
}

func (p *panicError) Error() string { return fmt.Sprintf("panic: %v\n%s", p.err, p.stack) }

// Unwrap returns the value, if it is an error, and that it is a panic.
func (p *panicError) Unwrap() []error { return []error{topology.ErrPanic, p.err} }

// Panicked returns the error of a panic in a node, with the stack from the place
// that panicked: whoever ends because of it has nothing else to go by. The value is
// wrapped if it is an error. It is called by the function that recovered.
func Panicked(value any) error {
	stack := string(debug.Stack())
	// Above the frame of panic itself are those of the recovery.
	if _, below, found := strings.Cut(stack, "\npanic("); found {
		_, below, _ = strings.Cut(below, "\n") // its arguments
		_, below, _ = strings.Cut(below, "\n") // its file
		stack = below
	}
	if err, ok := value.(error); ok {
		return &panicError{err: err, stack: stack}
	}
	return &panicError{err: fmt.Errorf("%v", value), stack: stack}
}

// Try calls f and returns its error; a panic is one, too.
func Try(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = Panicked(p)
		}
	}()
	return f()
}

// Holder is what [Forward] needs of a task; topology.Context has it.
type Holder interface {
	// Hold begins the forwarding of an update, and returns what ends it.
	Hold() (mark int)
	// Release ends it when all went well.
	Release(mark int)
	// Refuse ends it when the update could not be forwarded.
	Refuse(mark int, u topology.Update, err error) error
}

// Forward forwards an update that is not made by the record in process. When that fails the
// app's handlers decide what becomes of the update; the error is then nil, unless the task
// is to fail.
func Forward(ctx Holder, update func() topology.Update, forward func() error) error {
	mark := ctx.Hold()
	if err := Try(forward); err != nil {
		return ctx.Refuse(mark, update(), err)
	}
	ctx.Release(mark)
	return nil
}

// Stack returns the stack of a panic, "" of other errors.
func Stack(err error) string {
	var p *panicError
	if errors.As(err, &p) {
		return p.stack
	}
	return ""
}

// WithoutStack returns the error of a panic without the stack, and others as they are.
func WithoutStack(err error) error {
	var p *panicError
	if errors.As(err, &p) {
		return fmt.Errorf("panic: %w", p.err)
	}
	return err
}
