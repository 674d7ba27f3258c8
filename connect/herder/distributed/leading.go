package distributed

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/suiro/suiro/connect/backing/configs"
	"github.com/suiro/suiro/connect/group"
	"github.com/suiro/suiro/connect/herder/api"
)

// manage does what the leader does when the configurations have changed.
func (d *decider) manage(ctx context.Context, s *configs.State) {
	d.leadAt = time.Time{}
	if !d.assignment().IsLeader() {
		return
	}
	if err := d.store.Claim(ctx); err != nil {
		d.log.Error("the leader cannot claim the config topic, and tries again", "error", err)
		d.leadAt = time.Now().Add(d.pause.Next())
		return
	}
	d.pause.Reset()
	d.keys.renew(ctx, d.assignment(), d.store, d.log)
	if !maps.Equal(d.divided, countTasks(s)) {
		d.againAt = earlier(d.againAt, time.Now().Add(gathering))
	}
}

// gathering is how long the leader waits for more changes before it divides the work
// again: each rebalance takes as long as the slowest worker needs to hear of it.
const gathering = 100 * time.Millisecond

// divide is the state that the leader divides, see [group.Options]. It is called by
// Join.
//
// A leader that was killed may have a transaction open in the config topic, which hides all that was
// written since until it times out, a minute later. Whoever claims the topic ends that transaction, so
// that no worker waits for it or, after worker.sync.timeout.ms, stays out of the group.
func (d *decider) divide(ctx context.Context) (group.State, error) {
	if err := d.store.Claim(ctx); err != nil {
		return group.State{}, err
	}
	if err := d.store.Refresh(ctx); err != nil {
		return group.State{}, err
	}
	s := d.store.Snapshot()
	d.divided = countTasks(s)
	return group.State{Offset: s.Offset, Tasks: maps.Clone(d.divided)}, nil
}

func countTasks(s *configs.State) map[string]int {
	out := make(map[string]int, len(s.Connectors))
	for name := range s.Connectors {
		out[name] = len(s.TaskIDs(name))
	}
	return out
}

// lingers reports, on the leader, whether another worker may still run a connector of a
// name that was removed. One of that name must not be made before a rebalance has taken
// the old one away: a Java worker would go on with it, under the old configuration.
func (d *decider) lingers(name string) bool {
	a := d.assignment()
	return slices.ContainsFunc(a.Peers, func(p group.Peer) bool {
		return p.MemberID != a.MemberID && (slices.Contains(p.Owned.Connectors, name) ||
			slices.ContainsFunc(p.Owned.Tasks, func(id api.TaskID) bool { return id.Connector == name }))
	})
}

// sweep removes the statuses of connectors and tasks that there are no longer. It follows
// a rebalance and nothing else, as in Kafka Connect: before that a worker that runs them
// may still tell their states.
func (d *decider) sweep(s *configs.State) {
	for _, name := range d.board.Connectors() {
		if !s.Has(name) {
			d.board.RemoveConnector(name)
			for _, t := range d.board.Topics(name) {
				d.board.RemoveTopic(name, t.Name)
			}
			continue
		}
		for n := range d.board.Tasks(name) {
			if !s.Inconsistent[name] && n >= s.TaskCounts[name] {
				d.board.RemoveTask(api.TaskID{Connector: name, Task: n})
			}
		}
	}
}
