//go:build !(linux || darwin || freebsd || netbsd)

package memory

import "math"

// ofProcess knows no limit there.
func ofProcess() int64 { return math.MaxInt64 }
