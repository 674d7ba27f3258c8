package regular

import "syscall"

// kernelSystems are the file systems whose files the kernel makes up when they are
// read, by the numbers in linux/magic.h.
var kernelSystems = map[int64]bool{
	0x9fa0:     true, // proc
	0x62656572: true, // sysfs
	0x64626720: true, // debugfs
	0x74726163: true, // tracefs
	0x73636673: true, // securityfs
	0x27e0eb:   true, // cgroup
	0x63677270: true, // cgroup2
}

// ofKernel reports whether a file is in such a file system.
func ofKernel(path string) bool {
	var st syscall.Statfs_t
	return syscall.Statfs(path, &st) == nil && kernelSystems[int64(st.Type)]
}
