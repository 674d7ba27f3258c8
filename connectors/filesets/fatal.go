package filesets

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/suiro/suiro/connectors/filesets/claim"
	"github.com/suiro/suiro/connectors/filesets/storage"
)

// fatal reports whether an error ends the task, because waiting does not cure
// it. Every other error leads to another take-over.
func fatal(err error) bool {
	for _, known := range []error{
		fs.ErrPermission,    // the user may not write there
		storage.ErrRefused,  // the storage cannot have such a path, or such a user
		claim.ErrUnreadable, // a committed set is damaged
		errName,             // a file's name is too long for any storage
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	var conflict *claim.ConflictError // something else is where a committed file belongs
	var lost *claim.LostError         // a committed file is gone
	var report *reportError           // a bad record is not tolerated
	var registry *registryError       // the registry will not have the files
	var panicked *panicError          // a mistake in a format or a storage
	return errors.As(err, &conflict) || errors.As(err, &lost) || errors.As(err, &report) ||
		errors.As(err, &registry) || errors.As(err, &panicked)
}

// reportError is the worker's refusal to go on after a bad record.
type reportError struct{ err error }

func (e *reportError) Error() string { return e.err.Error() }
func (e *reportError) Unwrap() error { return e.err }

// registryError is a [Registry]'s refusal.
type registryError struct{ err error }

func (e *registryError) Error() string { return e.err.Error() }
func (e *registryError) Unwrap() error { return e.err }

// panicError is a panic in a writer's goroutine.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v\n%s", e.value, e.stack) }
