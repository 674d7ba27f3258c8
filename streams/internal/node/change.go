package node

// Change is what a table forwards for a key: its value, and the one that it replaces.
type Change[V any] struct {
	// New is the value from now on, the zero value when the key was deleted.
	New V
	// Old is the value before. It is the zero value when there was none, and when no
	// node below needs it.
	Old V
	// HasNew and HasOld say whether the values are there.
	HasNew, HasOld bool
	// Stale says that a versioned table has a later value for the key, so that the
	// change must not replace it below. Default: it is the latest.
	Stale bool
}
