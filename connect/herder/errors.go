package herder

import (
	"errors"
	"fmt"
	"strings"

	"github.com/suiro/suiro/connect/config"
)

// The kinds of errors that callers branch on, with [errors.Is].
var (
	// ErrNotFound means that there is no such connector, task, plugin or level.
	ErrNotFound = errors.New("not found")
	// ErrExists means that there is such a connector already.
	ErrExists = errors.New("already exists")
	// ErrInvalid means that a configuration or another argument is wrong.
	ErrInvalid = errors.New("invalid")
	// ErrForbidden means that the worker's configuration switches it off.
	ErrForbidden = errors.New("forbidden")
	// ErrStarting means that the worker has not started yet, or that it stops.
	ErrStarting = errors.New("worker is not running")
)

// ErrNoTap is [ErrForbidden] for a worker that does not show records.
var ErrNoTap = Errorf(ErrForbidden, "Records are not shown by this worker: set rest.tap.enable=true in its properties "+
	"and start it again.")

// Error is an error of one of the kinds above with the sentence that Kafka
// Connect answers in that case.
type Error struct {
	// Kind is one of the errors above.
	Kind error
	// Message is the whole text.
	Message string
}

// Errorf makes an [Error] of a kind.
func Errorf(kind error, format string, args ...any) error {
	return &Error{kind, fmt.Sprintf(format, args...)}
}

// Error returns the sentence.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the kind.
func (e *Error) Unwrap() error { return e.Kind }

// InvalidConfigError is [ErrInvalid] for a connector's configuration: what is
// wrong with each key.
type InvalidConfigError struct {
	// Errors are the keys that are wrong.
	Errors config.Errors
	// Class is that of the connector, "" when no REST API answers yet: with it the
	// error names the endpoint that lists the same.
	Class string
}

// Error lists all errors in the words of Kafka Connect.
func (e *InvalidConfigError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Connector configuration is invalid and contains the following %d error(s):\n", len(e.Errors))
	b.WriteString(e.Errors.Error())
	if e.Class != "" {
		b.WriteString("\nYou can also find the above list of errors at the endpoint " +
			"`/connector-plugins/{connectorType}/config/validate`")
	}
	return b.String()
}

// Unwrap returns [ErrInvalid].
func (e *InvalidConfigError) Unwrap() error { return ErrInvalid }

// NotLeaderError means that another worker must answer. It is returned before
// anything has changed.
type NotLeaderError struct {
	// URL is where the REST API of the leader answers; empty when no leader is
	// known at the moment.
	URL string
}

// Error says what to do, in Kafka Connect's words where it has some.
func (e *NotLeaderError) Error() string {
	if e.URL == "" {
		return "Cannot complete request momentarily due to no known leader URL, " +
			"likely because a rebalance was underway."
	}
	return "Cannot complete request because of a conflicting operation (e.g. worker rebalance)"
}
