//go:build !unix

package file

import (
	"errors"
	"io"
)

// openPipe is an error where the system has no named pipes.
func openPipe(string, bool) (io.ReadCloser, error) {
	return nil, errors.New("named pipes are not supported on this system")
}
