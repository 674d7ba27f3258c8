package connect

import (
	"strings"

	"github.com/suiro/suiro/connect/config"
)

// Info tells what a plugin is called and how it is configured.
type Info struct {
	// Class is the name in connector.class and the like.
	Class string
	// Aliases are further names that find the plugin, such as the class names
	// of the Java connectors whose configuration it understands.
	Aliases []string
	// Version is shown by the REST API.
	Version string
	// Def declares the plugin's own keys, without the runtime's.
	Def *config.Def
	// Validate checks rules over several keys, after the Def; it may be nil.
	Validate func(config.Values) config.Errors
}

// SourcePlugin is a kind of source connector.
type SourcePlugin struct {
	Info
	New func() SourceConnector
}

// SinkPlugin is a kind of sink connector.
type SinkPlugin struct {
	Info
	New func() SinkConnector
}

// ConverterPlugin is a kind of converter. New gets the keys under the
// converter's prefix, without it, and whether it converts record keys.
type ConverterPlugin struct {
	Info
	New func(c config.Values, isKey bool) (Converter, error)
}

// HeaderConverterPlugin is a kind of header converter. New gets the keys under
// header.converter., without that prefix.
type HeaderConverterPlugin struct {
	Info
	New func(c config.Values) (HeaderConverter, error)
}

// TransformPlugin is a kind of single-message transform.
type TransformPlugin struct {
	Info
	New func(c config.Values) (Transform, error)
}

// PredicatePlugin is a kind of predicate.
type PredicatePlugin struct {
	Info
	New func(c config.Values) (Predicate, error)
}

// Plugins are all the kinds a worker can run. The binary lists them in one
// file; nothing registers itself.
type Plugins struct {
	Sources    []SourcePlugin
	Sinks      []SinkPlugin
	Converters []ConverterPlugin
	// HeaderConverters are the kinds that header.converter may name.
	HeaderConverters []HeaderConverterPlugin
	Transforms       []TransformPlugin
	Predicates       []PredicatePlugin
}

// Is reports whether name means this plugin: its class, an alias, or either
// without the Java package and the ending "Connector".
func (i Info) Is(name string) bool {
	for _, own := range append([]string{i.Class}, i.Aliases...) {
		if own == name || short(own) == short(name) {
			return true
		}
	}
	return false
}

// short strips the Java package and the ending Connector, as Kafka Connect's
// aliases do.
func short(class string) string {
	if i := strings.LastIndexByte(class, '.'); i >= 0 {
		class = class[i+1:]
	}
	return strings.TrimSuffix(class, "Connector")
}
