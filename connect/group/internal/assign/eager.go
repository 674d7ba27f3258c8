package assign

import (
	"slices"

	"github.com/suiro/suiro/connect/group/internal/work"
)

// Eager deals out connectors, then tasks, to members in the order of their ids.
func Eager(configured work.Set, members []string) map[string]work.Set {
	out := make(map[string]work.Set, len(members))
	for _, m := range members {
		out[m] = work.Set{}
	}
	sorted, next := slices.Sorted(slices.Values(members)), 0
	for _, k := range kinds {
		for _, id := range k.of(configured) {
			out[sorted[next%len(sorted)]][id] = true
			next++
		}
	}
	return out
}
