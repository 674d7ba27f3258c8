package bench

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// clockTick is the unit of the times in /proc, USER_HZ.
const clockTick = 10 * time.Millisecond

// cpuOf returns the user and system time of a process together, in steps of 10 ms.
func cpuOf(pid int) (time.Duration, error) {
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

// peakOf returns the most memory that a process has had resident, in megabytes. What wait4
// says of a child is no such figure: there the memory of the parent counts too, which the
// child had until it called exec.
func peakOf(pid int) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("read peak memory of process %d: %w", pid, err)
	}
	_, rest, _ := strings.Cut(string(status), "\nVmHWM:")
	var kilobytes float64
	if _, err := fmt.Sscan(rest, &kilobytes); err != nil {
		return 0, fmt.Errorf("read peak memory of process %d: /proc has no VmHWM: %w", pid, err)
	}
	return kilobytes / 1024, nil
}
