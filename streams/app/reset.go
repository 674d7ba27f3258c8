package app

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/streams/internal/reset"
	"github.com/suiro/suiro/streams/internal/statedir"
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

// Reset sets the app back, so that it begins again when it is run next: it moves the
// offsets of the input topics, deletes repartition topics and changelogs, and deletes
// the stores of this instance. The other instances have to do the same before they run,
// as their stores do not fit the new changelogs. Output topics stay as they are. It may
// be called from any goroutine while no instance of the app runs: the error says which
// members the group still has, or that another process uses the state folder.
func (a *App) Reset(ctx context.Context, o *ResetOptions) (*ResetReport, error) {
	if o == nil {
		o = &ResetOptions{}
	}
	if err := kafka.Check(ctx, a.check...); err != nil {
		return nil, err
	}
	cl, err := kgo.NewClient(a.client...)
	if err != nil {
		return nil, fmt.Errorf("reset %s: %w", a.id, err)
	}
	defer cl.Close()
	dir, err := statedir.Open(a.props.StateDir()) // so that no instance starts here meanwhile
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	inputs, internal := a.topics.Reset()
	r, err := reset.Run(ctx, cl, reset.Options{Group: a.id, Inputs: inputs, Internal: append(internal, o.Topics...),
		To: o.To, Force: o.Force, DryRun: o.DryRun})
	if err != nil {
		return nil, err
	}
	report := &ResetReport{Report: *r}
	if dir.Used() {
		report.State = dir.Path()
	}
	if !o.DryRun {
		err = dir.Clear()
	}
	return report, err
}
