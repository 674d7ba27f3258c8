package app

import (
	"time"

	"github.com/suiro/suiro/streams/internal/reset"
)

// Position is where an app begins to read its input topics after a reset. The zero value
// is the beginning of each partition.
type Position = reset.Position

// Earliest is the beginning of each partition.
func Earliest() Position { return reset.Earliest() }

// Latest is the end of each partition.
func Latest() Position { return reset.Latest() }

// At is the first record of each partition with a timestamp of t or later, and the end
// when there is none.
func At(t time.Time) Position { return reset.At(t) }

// Offset is this offset in each partition, or what of the partition is nearest to it.
func Offset(n int64) Position { return reset.Offset(n) }

// Shift is so many records behind the committed offset of each partition, or before it
// when n is negative; at most to the end or the beginning.
func Shift(n int64) Position { return reset.Shift(n) }

// ResetOptions say how an app is set back; nil is fine.
type ResetOptions struct {
	// To is where the app begins to read its input topics. Default: the beginning.
	To Position
	// Topics are further internal topics to delete, which an earlier version of the app
	// has made. Default: none.
	Topics []string
	// Force removes members from the group, such as those of a process that was killed
	// and whose session has not timed out. Default: members are an error.
	Force bool
	// DryRun changes nothing. Default: false.
	DryRun bool
}

// ResetReport says what a reset has done, or in a dry run what it would do.
type ResetReport struct {
	reset.Report
	// State is the folder whose stores were deleted, "" when it had none.
	State string
}
