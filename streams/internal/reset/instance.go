package reset

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/streams/internal/statedir"
)

// Instance is an app with its state on this machine.
type Instance struct {
	// Check are the options of the client that looks whether the brokers are there, and Client
	// those of the one that does the work.
	Check, Client []kgo.Opt
	// StateDir is the folder of the app's state.
	StateDir string
}

// Run sets the app back as [Run] does, and deletes the stores of the instance. state is their
// folder, "" when there were none. The error also says that another process uses the folder.
func (i Instance) Run(ctx context.Context, o Options) (rep *Report, state string, err error) {
	if err := kafka.Check(ctx, i.Check...); err != nil {
		return nil, "", err
	}
	cl, err := kgo.NewClient(i.Client...)
	if err != nil {
		return nil, "", fmt.Errorf("reset %s: %w", o.Group, err)
	}
	defer cl.Close()
	dir, err := statedir.Open(i.StateDir) // so that no instance starts here meanwhile
	if err != nil {
		return nil, "", err
	}
	defer dir.Close()
	if rep, err = Run(ctx, cl, o); err != nil {
		return nil, "", err
	}
	if dir.Used() {
		state = dir.Path()
	}
	if !o.DryRun {
		err = dir.Clear()
	}
	return rep, state, err
}
