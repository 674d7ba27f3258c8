package memory

import (
	"math"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// ofMachine is the part of the machine's memory that a process takes when nothing
// limits it.
const ofMachine = 4

// unknown is the memory of a machine that does not say how much it has.
const unknown = 4 << 30

// found returns what the process may take by what is set from outside.
func found() int64 {
	limit := min(ofCgroup(), ofProcess(), debug.SetMemoryLimit(-1))
	if limit < math.MaxInt64 {
		return limit
	}
	machine, err := memlimit.FromSystem()
	if err != nil {
		machine = unknown
	}
	return signed(machine) / ofMachine
}

// ofCgroup returns the limit of the cgroup. A cgroup that cannot be read is none: where
// there is no cgroup that is normal, and there is nothing better to do.
func ofCgroup() int64 {
	limit, err := memlimit.FromCgroup()
	if err != nil {
		return math.MaxInt64
	}
	return signed(limit)
}

func signed(n uint64) int64 { return int64(min(n, math.MaxInt64)) }
