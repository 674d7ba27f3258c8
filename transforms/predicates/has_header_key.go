package predicates

import (
	"slices"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
)

var _ connect.Predicate = (*HasHeaderKey)(nil)

// HasHeaderKey holds for records with at least one header of a name.
type HasHeaderKey struct {
	name string
}

// HasHeaderKeyConfig is the configuration of a [HasHeaderKey].
type HasHeaderKeyConfig struct {
	// Name is the header's key, in its case.
	Name string `config:"name"`
}

// HasHeaderKeyPlugin describes HasHeaderKey as a worker loads it.
func HasHeaderKeyPlugin() connect.PredicatePlugin {
	return plugin("HasHeaderKey", "True for records with a header of the given name.", config.New(
		config.Key{Name: "name", Type: config.String, Required: true, Valid: config.NonEmpty(), Doc: "Key of the header."}),
		NewHasHeaderKey)
}

// NewHasHeaderKey returns a HasHeaderKey.
func NewHasHeaderKey(c HasHeaderKeyConfig) (*HasHeaderKey, error) { return &HasHeaderKey{c.Name}, nil }

// Test reports whether r has the header.
func (p *HasHeaderKey) Test(r *connect.Record) (bool, error) {
	return slices.ContainsFunc(r.Headers, func(h connect.Header) bool { return h.Key == p.name }), nil
}
