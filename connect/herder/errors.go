package herder

import (
	"errors"
	"fmt"
	"strings"

	"github.com/suiro/suiro/connect/config"
)

// What callers branch on. The errors that wrap them have Kafka Connect's text.
var (
	// ErrNotFound means that there is no such connector or task.
	ErrNotFound = errors.New("not found")
	// ErrInvalid means that a connector's configuration is wrong.
	ErrInvalid = errors.New("invalid configuration")
)

// said is an error with a text of its own that is also one of the above.
type said struct {
	text string
	kind error
}

func (e said) Error() string { return e.text }
func (e said) Unwrap() error { return e.kind }

func notFound(format string, args ...any) error {
	return said{fmt.Sprintf(format, args...), ErrNotFound}
}

// invalid lists the errors as Kafka Connect does.
func invalid(errs config.Errors) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Connector configuration is invalid and contains the following %d error(s):\n", len(errs))
	b.WriteString(errs.Error())
	b.WriteString("\nYou can also find the above list of errors at the endpoint " +
		"`/connector-plugins/{connectorType}/config/validate`")
	return said{b.String(), ErrInvalid}
}
