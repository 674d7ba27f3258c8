//go:build linux || darwin || freebsd || netbsd

package memory

import (
	"math"
	"syscall"
)

// ofProcess returns the limits that a shell sets with ulimit -d and -v.
func ofProcess() int64 {
	least := int64(math.MaxInt64)
	for _, resource := range []int{syscall.RLIMIT_DATA, syscall.RLIMIT_AS} {
		var r syscall.Rlimit
		if syscall.Getrlimit(resource, &r) == nil {
			least = min(least, signed(uint64(r.Cur)))
		}
	}
	return least
}
