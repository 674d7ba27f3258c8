package trial

import (
	"fmt"
	"syscall"
	"unsafe"
)

// limitFiles keeps a process from writing beyond so many bytes of a file.
func limitFiles(pid int, bytes uint64) error {
	most := syscall.Rlimit{Cur: bytes, Max: bytes}
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(pid), syscall.RLIMIT_FSIZE,
		uintptr(unsafe.Pointer(&most)), 0, 0, 0)
	if errno != 0 {
		return fmt.Errorf("limit the files of process %d: %w", pid, errno)
	}
	return nil
}
