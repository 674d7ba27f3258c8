package standalone

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

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
	defer h.pending.remove(p.plan.Name)
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
		if err := h.halt(ctx, old, "it gets another configuration"); err != nil {
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
func (p *Prepared) Close() error {
	p.herder.pending.remove(p.plan.Name)
	return p.plan.Close()
}

// pending are the names of connectors that were prepared and are neither started nor
// closed. The zero value is ready.
type pending struct {
	mu    sync.Mutex // guards times
	times map[string]int
}

func (p *pending) add(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.times == nil {
		p.times = map[string]int{}
	}
	p.times[name]++
}

// remove undoes one add; more of them do nothing.
func (p *pending) remove(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.times[name]--; p.times[name] <= 0 {
		delete(p.times, name)
	}
}

func (p *pending) names() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Keys(p.times))
}
