package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"syscall"
)

// unreachableError means that no answer came from an address.
type unreachableError struct {
	err  error
	sent bool // the request may have arrived
}

// Error implements error.
func (e *unreachableError) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e *unreachableError) Unwrap() error { return e.err }

// again reports whether the request may be sent to another address: when it cannot have
// arrived, or when doing it twice is the same as doing it once.
func (e *unreachableError) again(method string) bool {
	return !e.sent || method == http.MethodGet || method == http.MethodPut
}

// unreachable says why no answer came, and what to do.
func unreachable(address *url.URL, r request, err error) error {
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err // whose text has the address again
	}
	var dial *net.OpError
	var unknown *net.DNSError
	sent := !(errors.As(err, &dial) && dial.Op == "dial")
	at := r.method + " " + address.String() + r.path
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		err = fmt.Errorf("%s: nothing listens there: start the worker, or use the address in its listeners", at)
	case errors.As(err, &unknown):
		err = fmt.Errorf("%s: the host is not known: check the address", at)
	case errors.Is(err, context.DeadlineExceeded):
		err = fmt.Errorf("%s: there was no answer in time: %w", at, err)
	default:
		err = fmt.Errorf("%s: %w", at, err)
	}
	return &unreachableError{err, sent}
}
