package memory

import (
	"fmt"
	"os"
	"runtime/metrics"
	"syscall"
)

// besides returns what counts for ulimit -d and for ulimit -v beside the memory that
// Go's runtime knows of: 64 MiB and more of data, which the runtime and the libraries
// reserve and hardly ever touch, and a gigabyte of addresses.
func besides() (data, size int64) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, 0
	}
	var none int64
	if _, err := fmt.Sscan(string(text), &size, &none, &none, &none, &none, &data); err != nil {
		return 0, 0
	}
	page, runtime := int64(syscall.Getpagesize()), mapped()
	return whole(data*page - runtime), whole(size*page - runtime)
}

// mapped returns the bytes of memory that Go's runtime has, whether it uses them, keeps
// them for later or has given them back: their addresses stay taken.
func mapped() int64 {
	total := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(total)
	return int64(total[0].Value.Uint64())
}

// whole rounds up to whole steps, as the figures are not read at one time.
func whole(n int64) int64 {
	const step = 8 << 20
	return (max(n, 0) + step - 1) / step * step
}
