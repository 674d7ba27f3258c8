// Package presence says whether a file is there that is to be read or written, and changes
// nothing.
package presence

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/suiro/suiro/connectors/file/internal/regular"
)

// OfSource looks for a file that is to be read. When it is not there, waits says that this
// is no error.
func OfSource(path string, waits bool) (found string, err error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && waits:
		return path + " is not there yet and is waited for", nil
	case err != nil:
		return "", fmt.Errorf("look for the file: %w", err)
	}
	if info.Mode()&os.ModeNamedPipe != 0 {
		return "the named pipe " + path, nil // to open it would take lines from who reads it
	}
	if err := regular.Check(path, info); err != nil {
		return "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read the file: %w", err)
	}
	return fmt.Sprintf("the file %s, %d bytes", path, info.Size()), f.Close()
}

// OfSink looks for a file that is to be appended to, or else for its folder.
func OfSink(path string) (found string, err error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if info, err = os.Stat(filepath.Dir(path)); err == nil && !info.IsDir() {
			err = errors.New(filepath.Dir(path) + " is no folder")
		}
		if err != nil {
			return "", fmt.Errorf("look for the folder of the file: %w", err)
		}
		return path + " is not there yet and is made", nil
	case err != nil:
		return "", fmt.Errorf("look for the file: %w", err)
	case info.Mode()&os.ModeSymlink != 0:
		return "", fmt.Errorf("%s is a symbolic link, which is not followed: name the file that it leads to", path)
	case !info.Mode().IsRegular():
		return path + " is there, and no regular file", nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return "", fmt.Errorf("write to the file: %w", err)
	}
	return "the file " + path, f.Close()
}
