//go:build !unix

package file

import "os"

// inodeOf is 0 where the system has no inodes: files are told apart by their
// first bytes then.
func inodeOf(os.FileInfo) int64 { return 0 }
