package worker

import (
	"context"
	"log/slog"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/plan"
)

var _ connect.ConnectorContext = connectorContext{}

// connectorContext is what a connector may ask for.
type connectorContext struct{ c *Connector }

// RequestTaskReconfiguration implements [connect.ConnectorContext].
func (x connectorContext) RequestTaskReconfiguration() {
	x.c.mu.Lock()
	paused := x.c.paused
	x.c.asked = x.c.asked || paused
	x.c.mu.Unlock()
	if !paused {
		x.c.replan()
	}
}

// RaiseError implements [connect.ConnectorContext].
func (x connectorContext) RaiseError(err error) { x.c.reporter.fail(err) }

// Offset implements [connect.ConnectorContext]. It reads anew what others have written.
func (x connectorContext) Offset(ctx context.Context, partition map[string]any) (map[string]any, error) {
	if x.c.Plan.Type == plan.Sink {
		return nil, nil
	}
	store, release, err := x.c.worker.OpenOffsets(ctx, x.c.Plan)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := store.Refresh(ctx); err != nil {
		return nil, err
	}
	return store.Get(x.c.Plan.Name, partition)
}

// Logger implements [connect.ConnectorContext].
func (x connectorContext) Logger() *slog.Logger { return x.c.logger }
