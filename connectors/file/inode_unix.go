//go:build unix

package file

import (
	"os"
	"syscall"
)

// inodeOf is the inode number, which a file keeps when it is renamed.
func inodeOf(info os.FileInfo) int64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return int64(st.Ino)
	}
	return 0
}
