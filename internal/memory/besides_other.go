//go:build darwin || freebsd || netbsd

package memory

// besides is not known there. These systems do not count Go's heap for ulimit -d.
func besides() (data, size int64) { return 0, 0 }
