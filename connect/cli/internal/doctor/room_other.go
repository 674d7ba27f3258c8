//go:build !(linux || darwin || freebsd)

package doctor

// room is not known here.
func room(string) (free uint64, err error) { return 0, errUnknownRoom }
