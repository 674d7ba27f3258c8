package headers

import (
	"slices"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/transforms/internal/smt"
)

var _ connect.Transform = (*DropHeaders)(nil)

// DropHeaders leaves all headers of some names out.
type DropHeaders struct{ names []string }

// DropHeadersConfig is the configuration of a [DropHeaders].
type DropHeadersConfig struct {
	// Headers are the names of the headers to leave out.
	Headers []string `config:"headers" valid:"nonempty" doc:"Names of the headers to leave out."`
}

// DropHeadersPlugin describes DropHeaders as a worker loads it.
func DropHeadersPlugin() connect.TransformPlugin {
	return smt.Plugin("DropHeaders", "Leaves headers out.", config.For[DropHeadersConfig](), nil, NewDropHeaders)
}

// NewDropHeaders returns a DropHeaders.
func NewDropHeaders(c DropHeadersConfig) (*DropHeaders, error) { return &DropHeaders{c.Headers}, nil }

// Apply returns r without the headers.
func (t *DropHeaders) Apply(r *connect.Record) (*connect.Record, error) {
	drops := func(h connect.Header) bool { return slices.Contains(t.names, h.Key) }
	if !slices.ContainsFunc(r.Headers, drops) {
		return r, nil
	}
	c := *r
	c.Headers = slices.DeleteFunc(slices.Clone(r.Headers), drops)
	return &c, nil
}
