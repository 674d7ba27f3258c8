package standalone

import (
	"context"
	"errors"

	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/plan"
)

// Prepared is a connector whose configuration was found right, with converters
// and transforms made of it. It is started or closed, once.
type Prepared struct {
	herder  *Herder
	plan    *plan.Connector
	initial api.InitialState
}

// Start creates the connector, or gives one that is there another configuration,
// as [Herder.Put] does.
func (p *Prepared) Start(ctx context.Context) (info api.ConnectorInfo, created bool, err error) {
	h := p.herder
	unlock, err := h.change(p.plan.Name)
	if err != nil {
		return info, false, errors.Join(err, p.Close())
	}
	defer unlock()
	log := h.log.With("connector", p.plan.Name)
	for _, warning := range p.plan.Warnings {
		log.Warn(warning)
	}
	old := h.find(p.plan.Name)
	if old != nil {
		if err := h.halt(ctx, old); err != nil {
			return info, false, errors.Join(err, p.Close())
		}
	}
	e := &entry{plan: p.plan, target: target(old, p.initial)}
	h.start(ctx, e)
	if e.failure != nil {
		h.restarts.Go(func() { h.restart(e) })
	}
	return e.info(), old == nil, nil
}

// Close releases what was made of the configuration.
func (p *Prepared) Close() error { return p.plan.Close() }
