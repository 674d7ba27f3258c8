package transforms

import (
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/transforms/internal/smt"
)

var _ connect.Transform = (*Filter)(nil)

// Filter drops every record it is given; a predicate decides which those are.
type Filter struct{}

// FilterConfig is the configuration of a [Filter], which has no keys.
type FilterConfig struct{}

// FilterPlugin describes Filter as a worker loads it.
func FilterPlugin() connect.TransformPlugin {
	return smt.Plugin("Filter", "Drops every record; use it with a predicate.", config.New(), nil, NewFilter)
}

// NewFilter returns a Filter.
func NewFilter(FilterConfig) (*Filter, error) { return &Filter{}, nil }

// Apply drops r.
func (*Filter) Apply(*connect.Record) (*connect.Record, error) { return nil, nil }
