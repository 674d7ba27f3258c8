package transforms

import (
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
)

var _ connect.Transform = Filter{}

// Filter drops every record it is given; a predicate decides which those are.
type Filter struct{}

// FilterPlugin returns Filter as a worker loads it.
func FilterPlugin() connect.TransformPlugin {
	return connect.TransformPlugin{
		Info: connect.Info{Class: javaPackage + "Filter", Version: version, Def: config.New()},
		New:  func(config.Values) (connect.Transform, error) { return Filter{}, nil },
	}
}

// Apply drops r.
func (Filter) Apply(*connect.Record) (*connect.Record, error) { return nil, nil }
