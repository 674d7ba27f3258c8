package distributed

import (
	"context"

	"github.com/suiro/suiro/connect/backing/configs"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/herder/internal/offsets"
	"github.com/suiro/suiro/connect/plan"
)

// Offsets implements [herder.Offsets].
func (r *requests) Offsets(ctx context.Context, name string) (out api.ConnectorOffsets, err error) {
	if r.views.store.Load() == nil {
		return out, starting()
	}
	s := r.views.state()
	if !s.Has(name) {
		return out, missing(name)
	}
	compiled, err := r.plans.Compile(s.Connectors[name])
	if err != nil {
		return out, err
	}
	defer func() { _ = compiled.Close() }() // it was made to find the offsets
	return r.kept.List(ctx, compiled)
}

// AlterOffsets implements [herder.Offsets].
func (r *requests) AlterOffsets(ctx context.Context, name string, changes api.ConnectorOffsets) (api.Message, error) {
	if err := offsets.Check(changes.Offsets); err != nil {
		return api.Message{}, err
	}
	return r.stopped(ctx, name, func(ctx context.Context, p *plan.Connector) (api.Message, error) {
		return r.kept.Alter(ctx, p, changes.Offsets)
	})
}

// ResetOffsets implements [herder.Offsets].
func (r *requests) ResetOffsets(ctx context.Context, name string) (api.Message, error) {
	return r.stopped(ctx, name, r.kept.Reset)
}

// stopped calls f, on the leader, with a connector that is STOPPED and whose former tasks
// can commit nothing any more. Meanwhile the worker keeps its place in the group, and what
// else is asked of this worker about the connector waits.
func (r *requests) stopped(ctx context.Context, name string,
	f func(context.Context, *plan.Connector) (api.Message, error)) (done api.Message, err error) {
	release, err := r.turns.take(ctx, name)
	if err != nil {
		return done, err
	}
	defer release()
	var config map[string]string
	err = r.lead(ctx, func(_ context.Context, s *configs.State) error {
		switch {
		case !s.Has(name):
			return missing(name)
		case s.Targets[name] != configs.Stopped || len(s.TaskIDs(name)) > 0:
			return offsets.NotStopped(name)
		}
		config = s.Connectors[name]
		return nil
	})
	if err != nil {
		return done, err
	}
	if r.fencer.fences(config) {
		if err := r.fencer.round(ctx, name); err != nil {
			return done, err
		}
	}
	compiled, err := r.plans.Compile(config)
	if err != nil {
		return done, err
	}
	defer func() { _ = compiled.Close() }() // it was made to find the offsets
	return f(ctx, compiled)
}
