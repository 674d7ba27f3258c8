//go:build unix

package regular

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// Append opens a file for appending, and makes it if need be, readable for the
// user of the process alone. A symbolic link at the path is not followed: whoever may
// write to the folder could have put it there, to have another file written to.
func Append(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600)
	if errors.Is(err, syscall.ELOOP) {
		target, _ := os.Readlink(path) // the error says enough without it
		return nil, fmt.Errorf("%w: it is a symbolic link: name the file that it leads to, %q, or write - for the "+
			"standard output", err, target)
	}
	return f, err
}
