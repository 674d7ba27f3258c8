package distributed

import (
	"context"
	"maps"

	"github.com/suiro/suiro/connect/backing/configs"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/herder/distributed/internal/crew"
	"github.com/suiro/suiro/connect/herder/internal/offsets"
	"github.com/suiro/suiro/connect/plan"
)

// requests are what clients ask to be changed. What only the leader may write is an
// error that is a [herder.NotLeaderError] on another worker. Each waits for the others
// that change the same connector, and for its turn in the decider, also while the group
// rebalances. What may take long, such as a change of offsets, is done between two turns
// in the decider. They are safe for concurrent use.
type requests struct {
	views   *views
	decider *decider
	fencer  *fencer
	plans   compiler
	kept    *offsets.Offsets
	turns   *turns // of changes of a connector
}

// compiler makes plans.
type compiler interface {
	Compile(config map[string]string) (*plan.Connector, error)
}

// Create implements [herder.Connectors].
func (r *requests) Create(ctx context.Context, c api.CreateConnectorRequest) (api.ConnectorInfo, error) {
	info, _, err := r.put(ctx, c, func(s *configs.State) (map[string]string, error) {
		if s.Has(c.Name) {
			return nil, herder.Errorf(herder.ErrExists, "Connector %s already exists", c.Name)
		}
		return r.complete(s, c.Name, c.Config)
	})
	return info, err
}

// Put implements [herder.Connectors].
func (r *requests) Put(ctx context.Context, name string, sent map[string]string, initial api.InitialState) (
	info api.ConnectorInfo, created bool, err error) {
	c := api.CreateConnectorRequest{Name: name, InitialState: initial}
	return r.put(ctx, c, func(s *configs.State) (map[string]string, error) { return r.complete(s, name, sent) })
}

// Patch implements [herder.Connectors].
func (r *requests) Patch(ctx context.Context, name string, patch map[string]*string) (api.ConnectorInfo, error) {
	info, _, err := r.put(ctx, api.CreateConnectorRequest{Name: name}, func(s *configs.State) (map[string]string, error) {
		if !s.Has(name) {
			return nil, missing(name)
		}
		config := maps.Clone(s.Connectors[name])
		for key, value := range patch {
			if value == nil {
				delete(config, key)
			} else {
				config[key] = *value
			}
		}
		return r.complete(s, name, config)
	})
	return info, err
}

// complete returns the configuration that a client has sent with the connector's name,
// and with secrets where it has sent what hides them.
func (r *requests) complete(s *configs.State, name string, sent map[string]string) (map[string]string, error) {
	if given, ok := sent["name"]; ok && given != name {
		return nil, herder.Errorf(herder.ErrInvalid,
			"Connector name configuration (%s) doesn't match connector name in the URL (%s)", given, name)
	}
	config := map[string]string{"name": name}
	maps.Copy(config, sent)
	if s.Has(name) {
		config = r.views.mask(s, name).Restore(config)
	}
	return config, nil
}

// put gives a connector the configuration that next makes of what is known, and not the
// one of c. When another change comes in between, next is called again.
func (r *requests) put(ctx context.Context, c api.CreateConnectorRequest,
	next func(*configs.State) (map[string]string, error)) (info api.ConnectorInfo, created bool, err error) {
	release, err := r.turns.take(ctx, c.Name)
	if err != nil {
		return info, false, err
	}
	defer release()
	for overtaken := true; overtaken; {
		before, err := r.before(ctx, c.Name)
		if err != nil {
			return info, false, err
		}
		config, err := next(before)
		if err != nil {
			return info, false, err
		}
		created = !before.Has(c.Name)
		if overtaken, info.OffsetsStatus, err = r.write(ctx, before, config, c); err != nil {
			return info, false, err
		}
	}
	told := info.OffsetsStatus
	info = r.views.info(r.views.state(), c.Name)
	info.OffsetsStatus = told
	return info, created, nil
}

// before returns what the leader knows once a connector of the name may be made.
func (r *requests) before(ctx context.Context, name string) (s *configs.State, err error) {
	for lingers := true; lingers && err == nil; {
		err = r.lead(ctx, func(_ context.Context, now *configs.State) error {
			s, lingers = now, !now.Has(name) && r.decider.lingers(name)
			r.decider.again = r.decider.again || lingers
			return nil
		})
	}
	return s, err
}

// write checks the configuration of a connector and writes it, behind its initial
// offsets, unless the connector is no longer as it was before.
func (r *requests) write(ctx context.Context, before *configs.State, config map[string]string,
	c api.CreateConnectorRequest) (overtaken bool, kept string, err error) {
	p, err := r.plans.Compile(config)
	if err != nil {
		return false, "", err
	}
	defer func() { _ = p.Close() }() // it was made to find errors, and for initial offsets
	if c.InitialOffsets != nil {
		done, err := r.kept.Replace(ctx, p, c.InitialOffsets)
		if err != nil {
			return false, "", err
		}
		kept = done.Message
	}
	err = r.lead(ctx, func(ctx context.Context, s *configs.State) error {
		overtaken = s.Has(c.Name) != before.Has(c.Name) || !maps.Equal(s.Connectors[c.Name], before.Connectors[c.Name])
		if overtaken {
			return nil
		}
		return r.decider.store.PutConnector(ctx, c.Name, p.Props, targetOf(c.InitialState))
	})
	return overtaken, kept, err
}

// targetOf is the target state for an initial one, which may be empty.
func targetOf(initial api.InitialState) configs.TargetState {
	switch initial {
	case api.InitialRunning:
		return configs.Started
	case api.InitialPaused:
		return configs.Paused
	case api.InitialStopped:
		return configs.Stopped
	}
	return ""
}

// Delete implements [herder.Connectors].
func (r *requests) Delete(ctx context.Context, name string) error {
	return r.alone(ctx, name, func() error {
		return r.lead(ctx, func(ctx context.Context, s *configs.State) error {
			if !s.Has(name) {
				return missing(name)
			}
			return r.decider.store.RemoveConnector(ctx, name)
		})
	})
}

// Pause implements [herder.Lifecycle].
func (r *requests) Pause(ctx context.Context, name string) error {
	return r.target(ctx, name, configs.Paused)
}

// Resume implements [herder.Lifecycle].
func (r *requests) Resume(ctx context.Context, name string) error {
	return r.target(ctx, name, configs.Started)
}

// target asks for a target state, which any worker may.
func (r *requests) target(ctx context.Context, name string, t configs.TargetState) error {
	return r.alone(ctx, name, func() error {
		return r.do(ctx, func(ctx context.Context) error {
			if !r.decider.store.Snapshot().Has(name) {
				return unknown(name)
			}
			return r.decider.store.PutTarget(ctx, name, t)
		})
	})
}

// alone calls f while no other request changes the connector.
func (r *requests) alone(ctx context.Context, name string, f func() error) error {
	release, err := r.turns.take(ctx, name)
	if err != nil {
		return err
	}
	defer release()
	return f()
}

func unknown(name string) error {
	return herder.Errorf(herder.ErrNotFound, "Unknown connector %s", name)
}

// StopConnector implements [herder.Lifecycle].
func (r *requests) StopConnector(ctx context.Context, name string) error {
	return r.lead(ctx, func(ctx context.Context, s *configs.State) error {
		if !s.Has(name) {
			return unknown(name)
		}
		// First the tasks, as Kafka Connect does: what is left when only one of the two is
		// written is a connector that works.
		if err := r.decider.store.PutTasks(ctx, name, nil); err != nil {
			return err
		}
		return r.decider.store.PutTarget(ctx, name, configs.Stopped)
	})
}

// Restart implements [herder.Lifecycle].
func (r *requests) Restart(ctx context.Context, name string) error {
	return r.do(ctx, func(ctx context.Context) error {
		d := r.decider
		if !d.store.Snapshot().Has(name) {
			return herder.Errorf(herder.ErrNotFound, "Unknown connector: %s", name)
		}
		if !d.crew.HasConnector(name) {
			url, _ := d.assignment().Owner(name)
			return r.elsewhere(url)
		}
		d.crew.Drop([]string{name}, nil)
		d.follow(ctx)
		return nil
	})
}

// RestartTask implements [herder.Lifecycle].
func (r *requests) RestartTask(ctx context.Context, id api.TaskID) error {
	return r.do(ctx, func(ctx context.Context) error {
		d := r.decider
		switch s := d.store.Snapshot(); {
		case !s.Has(id.Connector):
			return herder.Errorf(herder.ErrNotFound, "Unknown connector: %s", id.Connector)
		case id.Task < 0 || id.Task >= len(s.TaskIDs(id.Connector)):
			return herder.Errorf(herder.ErrNotFound, "Unknown task: %v", id)
		}
		if !d.crew.HasTask(id) {
			url, _ := d.assignment().TaskOwner(id)
			return r.elsewhere(url)
		}
		d.crew.Drop(nil, []api.TaskID{id})
		d.follow(ctx)
		return nil
	})
}

// RestartMany implements [herder.Lifecycle].
func (r *requests) RestartMany(ctx context.Context, name string, includeTasks, onlyFailed bool) (
	status api.ConnectorStatus, err error) {
	err = r.lead(ctx, func(ctx context.Context, s *configs.State) error {
		if !s.Has(name) {
			return herder.Errorf(herder.ErrNotFound, "Unknown connector: %s", name)
		}
		if status, err = r.views.Status(ctx, name); err != nil {
			return herder.Errorf(herder.ErrNotFound, "Status for connector %s not found", name)
		}
		request := configs.RestartRequest{Connector: name, IncludeTasks: includeTasks, OnlyFailed: onlyFailed}
		p := crew.PlanRestart(r.decider.board, s, request)
		if p.Connector {
			status.Connector.State, status.Connector.Trace = api.Restarting, ""
		}
		for i := range status.Tasks {
			for _, id := range p.Tasks {
				if status.Tasks[i].ID == id.Task {
					status.Tasks[i].State, status.Tasks[i].Trace = api.Restarting, ""
				}
			}
		}
		return r.decider.store.PutRestart(ctx, request)
	})
	return status, err
}

// PutTasks implements [herder.Peers].
func (r *requests) PutTasks(ctx context.Context, name string, tasks []map[string]string, s herder.Signature) error {
	if err := r.verify(s); err != nil {
		return err
	}
	return r.lead(ctx, func(ctx context.Context, s *configs.State) error {
		switch {
		case !s.Has(name):
			return missing(name)
		case hasTasks(s, name, tasks):
			return nil
		}
		return r.decider.store.PutTasks(ctx, name, tasks)
	})
}

// Fence implements [herder.Peers].
func (r *requests) Fence(ctx context.Context, name string, s herder.Signature) error {
	if err := r.verify(s); err != nil {
		return err
	}
	return r.fencer.round(ctx, name)
}

// verify checks that a worker of the group has sent a request. Without signatures, with
// the protocols eager and compatible, everybody may.
func (r *requests) verify(s herder.Signature) error {
	if r.views.store.Load() == nil {
		return starting()
	}
	if !r.decider.assignment().Protocol.Signed() {
		return nil
	}
	return r.decider.keys.signer.Verify(s.Algorithm, s.MAC, s.Body)
}

// lead does something that only the leader may.
func (r *requests) lead(ctx context.Context, f func(ctx context.Context, s *configs.State) error) error {
	if r.views.store.Load() == nil {
		return starting()
	}
	return r.decider.lead(ctx, f)
}

// do waits for the turn of f.
func (r *requests) do(ctx context.Context, f func(ctx context.Context) error) error {
	if r.views.store.Load() == nil {
		return starting()
	}
	return r.decider.do(ctx, f)
}

// elsewhere is the error for what another worker must do: the one at url, or the leader
// when url is empty, who knows which.
func (r *requests) elsewhere(url string) error {
	if a := r.decider.assignment(); url == "" && !a.IsLeader() {
		url = a.LeaderURL
	}
	return &herder.NotLeaderError{URL: url}
}
