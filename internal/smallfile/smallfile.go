// Package smallfile reads the files that a configuration consists of or names:
// properties, JSON, passwords, certificates, schemas. Whoever may name a file must not
// make the process hold more than such files have, or wait for a pipe.
package smallfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// MaxBytes is the greatest length of a file.
const MaxBytes = 16 << 20

// Read reads a file that the command line names, which may be a pipe. The error is a
// [fs.PathError].
func Read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return all(f)
}

// ReadRegular reads a file that a configuration names, which is no pipe, device or
// folder. The error is a [fs.PathError].
func ReadRegular(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe that nobody writes to would block
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, &fs.PathError{Op: "read", Path: path, Err: syscall.EISDIR}
	case !info.Mode().IsRegular():
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("is a pipe or a device: name a file")}
	}
	return all(f)
}

func all(f *os.File) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(f, MaxBytes+1))
	if err == nil && len(text) > MaxBytes {
		err = &fs.PathError{Op: "read", Path: f.Name(),
			Err: fmt.Errorf("has more than %d MiB: is it the right file?", MaxBytes>>20)}
	}
	if err != nil {
		return nil, err
	}
	return text, nil
}
