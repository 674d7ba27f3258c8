// Package cputime reads how much processor time another process has used. It is for
// comparisons of programs on a machine that others use too: there the time that passes
// says little. It needs Linux.
package cputime

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// clockTick is the unit of the times in /proc, USER_HZ.
const clockTick = 10 * time.Millisecond

// Of returns the user and system time of a process together, in steps of 10 ms.
func Of(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("read CPU time of process %d: %w", pid, err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ") // the name may hold spaces
	var utime, stime int64
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("read CPU time of process %d: /proc says %q", pid, stat)
	}
	if _, err := fmt.Sscan(fields[11]+" "+fields[12], &utime, &stime); err != nil {
		return 0, fmt.Errorf("read CPU time of process %d: %w", pid, err)
	}
	return time.Duration(utime+stime) * clockTick, nil
}
