package crew

import (
	"maps"
	"slices"
	"sync"

	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/herder/internal/renewal"
)

// oneConnector is the number of a task that stands for the connector itself.
const oneConnector = -1

// renewals are the connectors of which something here was started with values of config
// providers that have changed since. The next Apply starts again what is here of them.
type renewals struct {
	*renewal.Watcher[api.TaskID] // by task; a connector has the number oneConnector

	mu  sync.Mutex // guards due
	due map[string]bool
}

// newRenewals calls again when a connector is due.
func newRenewals(again func()) *renewals {
	r := &renewals{due: map[string]bool{}}
	r.Watcher = renewal.New(func(id api.TaskID) {
		r.mu.Lock()
		r.due[id.Connector] = true
		r.mu.Unlock()
		again()
	})
	return r
}

// names are the connectors that are due.
func (r *renewals) names() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Sorted(maps.Keys(r.due))
}

// done says that nothing of a connector that was due runs any more.
func (r *renewals) done(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.due, name)
}
