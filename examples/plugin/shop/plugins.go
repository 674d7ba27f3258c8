// Package shop has a plugin of each kind: a source and a sink over HTTP, a converter,
// a header converter, a transform and a predicate.
package shop

import "github.com/suiro/suiro/connect"

const version = "0.1.0"

// Plugins lists the plugins of this package.
func Plugins() connect.Plugins {
	return connect.Plugins{
		Sources:          []connect.SourcePlugin{SourcePlugin()},
		Sinks:            []connect.SinkPlugin{SinkPlugin()},
		Converters:       []connect.ConverterPlugin{CSVPlugin()},
		HeaderConverters: []connect.HeaderConverterPlugin{HexPlugin()},
		Transforms:       []connect.TransformPlugin{MaskPlugin()},
		Predicates:       []connect.PredicatePlugin{FieldEqualsPlugin()},
	}
}
