package standalone

import (
	"context"

	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/herder/internal/offsets"
	"github.com/suiro/suiro/connect/plan"
)

var _ herder.Offsets = (*positions)(nil)

// positions shows and changes where connectors continue. It is safe for concurrent use.
type positions struct {
	roster *roster
	kept   *offsets.Offsets
}

// Offsets implements [herder.Offsets]. It holds no connector up.
func (o *positions) Offsets(ctx context.Context, name string) (api.ConnectorOffsets, error) {
	unlock, err := o.roster.use()
	if err != nil {
		return api.ConnectorOffsets{}, err
	}
	defer unlock()
	e := o.roster.find(name)
	if e == nil {
		return api.ConnectorOffsets{}, missing(name)
	}
	return o.kept.List(ctx, e.plan)
}

// AlterOffsets implements [herder.Offsets].
func (o *positions) AlterOffsets(ctx context.Context, name string, changes api.ConnectorOffsets) (api.Message, error) {
	if err := offsets.Check(changes.Offsets); err != nil {
		return api.Message{}, err
	}
	return o.stopped(name, "alter", func(p *plan.Connector) (api.Message, error) {
		return o.kept.Alter(ctx, p, changes.Offsets)
	})
}

// ResetOffsets implements [herder.Offsets].
func (o *positions) ResetOffsets(ctx context.Context, name string) (api.Message, error) {
	return o.stopped(name, "reset", func(p *plan.Connector) (api.Message, error) { return o.kept.Reset(ctx, p) })
}

// stopped calls f with a connector that is STOPPED and stays so meanwhile.
func (o *positions) stopped(name, what string, f func(p *plan.Connector) (api.Message, error)) (api.Message, error) {
	unlock, err := o.roster.change(name)
	if err != nil {
		return api.Message{}, err
	}
	defer unlock()
	e := o.roster.find(name)
	switch {
	case e == nil:
		return api.Message{}, missing(name)
	case e.target != api.InitialStopped:
		return api.Message{}, offsets.NotStopped(name)
	case len(ending(e.late)) > 0:
		return api.Message{}, offsets.Busy(what, e.plan)
	}
	return f(e.plan)
}
