//go:build !race

package confine

// raced is whether the race detector is part of this binary.
const raced = false
