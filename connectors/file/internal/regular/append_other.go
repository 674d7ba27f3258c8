//go:build !unix

package regular

import "os"

// Append opens a file for appending, and makes it if need be.
func Append(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o600)
}
