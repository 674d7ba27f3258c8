// Package regular opens files that are to be read or appended to, and says why
// something else at a path is not read: a device, a socket, a folder, or a file that
// the kernel makes up.
package regular

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// ErrKind is wrapped by the errors about something at a path whose lines cannot be
// read.
var ErrKind = errors.New("want a regular file, a named pipe, or - for the standard input")

// pipeError is the error about a named pipe in the place of a regular file.
type pipeError struct{ path string }

func (e *pipeError) Error() string {
	return e.path + " was a regular file and is a named pipe now: restart the connector to read from the pipe"
}

func (e *pipeError) Unwrap() error { return ErrKind }

// Check says why what is at a path is not a regular file. A device or a file of
// the kernel may have no end, or no beginning to come back to.
func Check(path string, info os.FileInfo) error {
	kind := ""
	switch mode := info.Mode(); {
	case mode.IsDir():
		kind = "a folder"
	case mode&os.ModeNamedPipe != 0:
		return &pipeError{filepath.Clean(path)}
	case mode&os.ModeSocket != 0:
		kind = "a socket"
	case mode&os.ModeDevice != 0:
		kind = "a device"
	case !mode.IsRegular():
		kind = "not a regular file"
	case ofKernel(path):
		kind = "a file that the kernel makes up"
	default:
		return nil
	}
	return fmt.Errorf("%s is %s: %w", filepath.Clean(path), kind, ErrKind)
}

// Open opens a regular file and nothing else, and describes it. It looks before it opens,
// because opening a device may do something; and then again, because the path may
// lead to something else by now. It does not wait for the writer of a pipe.
func Open(path string) (*os.File, os.FileInfo, error) {
	info, err := os.Stat(path)
	var failed *fs.PathError
	if errors.As(err, &failed) {
		failed.Op = "open" // what the caller asked for
	}
	if err != nil {
		return nil, nil, err
	}
	if err := Check(path, info); err != nil {
		return nil, nil, err
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	if info, err = f.Stat(); err == nil {
		err = Check(path, info)
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, info, nil
}
