//go:build linux || darwin || freebsd || netbsd

package memory

import (
	"math"
	"syscall"
)

// gaps is the part of what a limit of addresses leaves that is kept free: addresses stay
// taken when Go's runtime gives memory back, and it needs new ones for what does not fit
// between what is in use.
const gaps = 4

// ofProcess returns what may be taken under the limits that a shell sets with ulimit -d
// and -v.
func ofProcess() int64 {
	data, size := besides()
	return min(left(syscall.RLIMIT_DATA, data), left(syscall.RLIMIT_AS, size))
}

// left returns what a limit leaves when so many bytes of it are taken in any case.
func left(resource int, taken int64) int64 {
	var r syscall.Rlimit
	if syscall.Getrlimit(resource, &r) != nil || signed(uint64(r.Cur)) == math.MaxInt64 {
		return math.MaxInt64
	}
	room := max(signed(uint64(r.Cur))-taken, 0)
	return room - room/gaps
}
