//go:build linux || darwin || freebsd

package doctor

import (
	"os"
	"syscall"
)

// room is how many bytes this user may still write in a folder.
func room(folder string) (free uint64, err error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(folder, &st); err != nil {
		return 0, &os.PathError{Op: "look at", Path: folder, Err: err}
	}
	return uint64(st.Bavail) * uint64(st.Bsize), nil
}
