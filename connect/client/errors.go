package client

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// What the worker refused, for [errors.Is].
var (
	// ErrNotFound means that there is no such connector, task, plugin or logger.
	ErrNotFound = errors.New("not found")
	// ErrUnsupported means that the worker does not have the request, as it is older.
	ErrUnsupported = errors.New("unsupported")
	// ErrExists means that a connector of that name exists already.
	ErrExists = errors.New("exists already")
	// ErrRebalance means that the cluster was rebalancing for as long as was waited.
	ErrRebalance = errors.New("rebalance")
	// ErrInvalid means that a configuration or another argument is wrong.
	ErrInvalid = errors.New("invalid")
	// ErrDenied means that the worker wants a login, or that the login may not do this.
	ErrDenied = errors.New("denied")
	// ErrUnavailable means that the worker was starting for as long as was waited.
	ErrUnavailable = errors.New("unavailable")
)

// Error is an answer of a worker whose status is not 2xx.
type Error struct {
	// Method and Path are those of the request.
	Method, Path string
	// Status is the HTTP status code.
	Status int
	// Message is what the worker says about it; never empty.
	Message string

	html    bool // the answer of a server that has not registered its paths yet
	unknown bool // the answer is the router's: the path is unknown
}

// Error returns the worker's message with the request and the status.
func (e *Error) Error() string {
	return fmt.Sprintf("%s %s: %s (HTTP status %d)", e.Method, e.Path, e.Message, e.Status)
}

// Is reports whether the answer is one of the kinds of this package.
func (e *Error) Is(kind error) bool { return kind == e.kind() }

func (e *Error) kind() error {
	switch e.Status {
	case http.StatusNotFound:
		switch {
		case e.html:
			return ErrUnavailable
		case e.unknown:
			return ErrUnsupported
		}
		return ErrNotFound
	case http.StatusMethodNotAllowed:
		return ErrUnsupported
	case http.StatusConflict:
		if strings.HasSuffix(e.Message, " already exists") {
			return ErrExists
		}
		return ErrRebalance
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return ErrInvalid
	case http.StatusUnauthorized, http.StatusForbidden:
		return ErrDenied
	case http.StatusServiceUnavailable:
		return ErrUnavailable
	}
	return nil
}

// passes reports whether the same request may succeed a little later, although nothing
// has been done now.
func (e *Error) passes() bool {
	kind := e.kind()
	return kind == ErrRebalance || kind == ErrUnavailable
}
