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
	// New returns a connector that has not been started, another each time.
	New func() SourceConnector
}

// SinkPlugin is a kind of sink connector.
type SinkPlugin struct {
	Info
	// New returns a connector that has not been started, another each time.
	New func() SinkConnector
}

// ConverterPlugin is a kind of converter.
type ConverterPlugin struct {
	Info
	// New returns a converter. c holds the keys under key.converter. or
	// value.converter., without that prefix; isKey tells which. It is called
	// once for a connector, which closes a converter that is an [io.Closer].
	New func(c config.Values, isKey bool) (Converter, error)
}

// HeaderConverterPlugin is a kind of header converter.
type HeaderConverterPlugin struct {
	Info
	// New returns a header converter. c holds the keys under header.converter.,
	// without that prefix. It is called once for a connector.
	New func(c config.Values) (HeaderConverter, error)
}

// TransformPlugin is a kind of single-message transform.
type TransformPlugin struct {
	Info
	// New returns a transform. c holds the keys under transforms.<alias>.,
	// without that prefix. It is called once for each alias of a connector.
	New func(c config.Values) (Transform, error)
}

// PredicatePlugin is a kind of predicate.
type PredicatePlugin struct {
	Info
	// New returns a predicate. c holds the keys under predicates.<alias>.,
	// without that prefix. It is called once for each alias of a connector.
	New func(c config.Values) (Predicate, error)
}

// Plugins are all the kinds a worker can run. The binary lists them in one
// file; nothing registers itself.
type Plugins struct {
	// Sources and Sinks are the kinds that connector.class may name.
	Sources []SourcePlugin
	Sinks   []SinkPlugin
	// Converters are the kinds that key.converter and value.converter may name.
	Converters []ConverterPlugin
	// HeaderConverters are the kinds that header.converter may name.
	HeaderConverters []HeaderConverterPlugin
	// Transforms and Predicates are the kinds that their aliases may name.
	Transforms []TransformPlugin
	Predicates []PredicatePlugin
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
