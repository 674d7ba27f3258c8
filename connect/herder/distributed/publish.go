package distributed

import (
	"context"
	"errors"
	"maps"

	"github.com/suiro/suiro/connect/backing/configs"
	"github.com/suiro/suiro/connect/herder"
)

// Leader asks the leader of the group, over its REST API.
type Leader interface {
	// PutTasks gives the leader, whose REST API is at url, the configurations of a
	// connector's tasks.
	PutTasks(ctx context.Context, url, connector string, tasks []map[string]string) error
	// Fence has it shut out the tasks that an exactly-once source had before.
	Fence(ctx context.Context, url, connector string) error
}

// publisher makes tasks those of a connector that this worker runs: by itself when it is
// the leader, else by asking the leader.
type publisher struct {
	decider *decider
	leader  Leader
}

// publish is the crew's publish. What a connector wants whose configuration has changed
// since, or that was stopped, is dropped: its next job wants something else.
func (p *publisher) publish(
	ctx context.Context, name string, config map[string]string, tasks []map[string]string,
) error {
	isOld := func(s *configs.State) bool {
		return !maps.Equal(s.Connectors[name], config) || s.Targets[name] == configs.Stopped
	}
	d := p.decider
	if s := d.store.Snapshot(); isOld(s) || hasTasks(s, name, tasks) {
		return nil
	}
	err := d.lead(ctx, func(ctx context.Context, s *configs.State) error {
		if isOld(s) || hasTasks(s, name, tasks) {
			return nil
		}
		return d.store.PutTasks(ctx, name, tasks)
	})
	var elsewhere *herder.NotLeaderError
	if errors.As(err, &elsewhere) && elsewhere.URL != "" && p.leader != nil {
		return p.leader.PutTasks(ctx, elsewhere.URL, name, tasks)
	}
	return err
}

// hasTasks reports whether a connector has these tasks already, planned for the
// configuration that it has now.
func hasTasks(s *configs.State, name string, tasks []map[string]string) bool {
	ids := s.TaskIDs(name)
	if s.Inconsistent[name] || len(ids) != len(tasks) || !maps.Equal(s.Applied[name], s.Connectors[name]) {
		return false
	}
	for i, id := range ids {
		if !maps.Equal(s.Tasks[id], tasks[i]) {
			return false
		}
	}
	return true
}
