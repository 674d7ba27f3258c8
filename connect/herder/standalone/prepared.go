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
	kept    bool // when it is new, a restart of the worker brings it back
}

// Start creates the connector, or gives one that is there another configuration,
// as [Herder.Put] does.
func (p *Prepared) Start(ctx context.Context) (info api.ConnectorInfo, created bool, err error) {
	unlock, err := p.herder.change(p.plan.Name)
	if err != nil {
		return info, false, errors.Join(err, p.Close())
	}
	defer unlock()
	old := p.herder.find(p.plan.Name)
	info, err = p.replace(ctx, old)
	return info, old == nil && err == nil, err
}

// replace starts the connector in place of what it was, nil for nothing, while nobody
// else changes it.
func (p *Prepared) replace(ctx context.Context, old *entry) (info api.ConnectorInfo, err error) {
	h := p.herder
	defer h.pending.remove(p.plan.Name)
	e := &entry{plan: p.plan, target: target(old, p.initial), kept: p.kept}
	if old != nil {
		e.kept = old.kept
	}
	if err := h.remember(e); err != nil {
		return info, errors.Join(err, p.Close())
	}
	log := h.log.With("connector", p.plan.Name)
	for _, warning := range p.plan.Warnings {
		log.Warn(warning)
	}
	if old != nil {
		if err := h.halt(ctx, old, "it gets another configuration"); err != nil {
			return info, errors.Join(err, p.Close())
		}
	}
	if e.target == api.InitialRunning {
		h.launch(ctx, e)
	} else {
		log.Info("connector is not started", "initial_state", string(e.target))
		h.keep(e)
	}
	return e.info(), nil
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
