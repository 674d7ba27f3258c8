package worker

import (
	"sync"

	"github.com/suiro/suiro/connect/plan"
)

// running are the connectors that run in a worker, by name. They are safe for
// concurrent use; the zero value is ready.
type running struct {
	mu         sync.Mutex // guards connectors
	connectors map[string]*Connector
}

func (r *running) add(c *Connector) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.connectors == nil {
		r.connectors = map[string]*Connector{}
	}
	r.connectors[c.Plan.Name] = c
}

// remove forgets the connector, unless another one has taken its name.
func (r *running) remove(c *Connector) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.connectors[c.Plan.Name] == c {
		delete(r.connectors, c.Plan.Name)
	}
}

// find returns the connector of the name, nil when it runs elsewhere or not at all.
func (r *running) find(name string) *Connector {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.connectors[name]
}

// plans are those of the connectors, in no order.
func (r *running) plans() []*plan.Connector {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []*plan.Connector
	for _, c := range r.connectors {
		out = append(out, c.Plan)
	}
	return out
}
