package distributed

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/suiro/suiro/connect/backing/configs"
	"github.com/suiro/suiro/connect/group"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/worker"
)

// fencer shuts out the tasks that exactly-once sources had before, so that new ones can
// start: by itself when this worker is the leader, else by asking the leader. It is safe
// for concurrent use.
type fencer struct {
	decider *decider
	leader  Leader                              // nil asks nobody
	fences  func(config map[string]string) bool // whether a connector is an exactly-once source
	plans   compiler
	turns   *turns // of rounds
}

// fence is the crew's Fence.
func (f *fencer) fence(ctx context.Context, name string) error {
	err := f.round(ctx, name)
	var elsewhere *herder.NotLeaderError
	if errors.As(err, &elsewhere) && elsewhere.URL != "" && f.leader != nil {
		return f.leader.Fence(ctx, elsewhere.URL, name)
	}
	return err
}

// round fences as the leader. It does nothing when that was done since the connector was
// given tasks: the tasks run already, and would be shut out themselves.
func (f *fencer) round(ctx context.Context, name string) error {
	release, err := f.turns.take(ctx, name)
	if err != nil {
		return err
	}
	defer release()
	var before *configs.State
	err = f.decider.lead(ctx, func(_ context.Context, s *configs.State) error { before = s; return nil })
	switch {
	case err != nil:
		return err
	case !before.Has(name):
		return missing(name)
	case !before.PendingFencing[name]:
		return nil
	}
	p, err := f.plans.Compile(before.Connectors[name])
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }() // it was made to know whom to fence
	if err := worker.Fence(ctx, p, before.FencedTasks[name]); err != nil {
		return err
	}
	return f.decider.lead(ctx, func(ctx context.Context, s *configs.State) error {
		if s.Generations[name] != before.Generations[name] {
			return fmt.Errorf("connector %s was given other tasks while those before were fenced", name)
		}
		return f.decider.store.PutFencedTasks(ctx, name, before.TaskCounts[name])
	})
}

// verify is the crew's Verify. It reads the config topic to its end: a worker that was
// cut off does not know that its tasks are others' by now.
func (f *fencer) verify(ctx context.Context, id api.TaskID, generation int) error {
	d := f.decider
	if err := d.store.Refresh(ctx); err != nil {
		return err
	}
	standing := d.member.Standing()
	switch s := d.store.Snapshot(); {
	case !s.Has(id.Connector):
		return errors.New("the connector was removed")
	case s.Generations[id.Connector] != generation:
		return errors.New("the connector has been given other tasks")
	case standing != group.Stable && standing != group.Rebalancing:
		return errors.New("this worker is in no group")
	case !slices.Contains(d.assignment().Owned.Tasks, id):
		return errors.New("another worker has the task")
	}
	return nil
}
