//go:build !unix

package file

import (
	"errors"
	"io"
)

// openPipe returns an error: the system has no named pipes that Go can read.
func openPipe(string, bool) (io.ReadCloser, error) {
	return nil, errors.New("named pipes are not supported on this system")
}
