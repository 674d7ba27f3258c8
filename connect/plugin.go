package connect

import (
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect/config"
)

// Info is the name of a plugin and how it is configured.
type Info struct {
	// Class is the name that finds the plugin, in connector.class, key.converter
	// and other keys.
	Class string
	// Aliases are further names that find the plugin, such as the class names
	// of the Java connectors whose configuration it understands.
	Aliases []string
	// Version is shown by the REST API.
	Version string
	// Doc says in a sentence or two what the plugin does, for lists of plugins and
	// reference pages.
	Doc string
	// Def declares the plugin's own keys, without those that every plugin of its
	// kind has; nil declares none.
	Def *config.Def
	// Validate checks rules over several keys, once the Def has checked each; it
	// may be nil.
	Validate func(config.Values) config.Errors
}

// SourcePlugin is a kind of source connector.
type SourcePlugin struct {
	Info
	// New returns a new connector that has not been started.
	New func() SourceConnector
	// Metrics registers the metrics of one task, nil when tasks have none of their
	// own. It is the function that a task calls in Start with what
	// [SourceContext.Metrics] returns, so that pages can list the metrics without a
	// running task.
	Metrics func(prometheus.Registerer)
}

// SinkPlugin is a kind of sink connector.
type SinkPlugin struct {
	Info
	// New returns a new connector that has not been started.
	New func() SinkConnector
	// Metrics registers the metrics of one task, nil when tasks have none of their
	// own. It is the function that a task calls in Start with what
	// [SinkContext.Metrics] returns, so that pages can list the metrics without a
	// running task.
	Metrics func(prometheus.Registerer)
}

// ConverterPlugin is a kind of converter.
type ConverterPlugin struct {
	Info
	// New returns a new converter. c holds the keys that begin with
	// key.converter. or value.converter., without that prefix; isKey says which.
	// The runtime calls New once for a connector, and closes a converter that is
	// an [io.Closer] when the connector stops.
	New func(c config.Values, isKey bool) (Converter, error)
}

// HeaderConverterPlugin is a kind of header converter.
type HeaderConverterPlugin struct {
	Info
	// New returns a new header converter. c holds the keys that begin with
	// header.converter., without that prefix. The runtime calls New once for a
	// connector.
	New func(c config.Values) (HeaderConverter, error)
}

// TransformPlugin is a kind of single-message transform.
type TransformPlugin struct {
	Info
	// New returns a new transform. c holds the keys that begin with
	// transforms.<alias>., without that prefix. The runtime calls New once for
	// each alias of a connector.
	New func(c config.Values) (Transform, error)
}

// PredicatePlugin is a kind of predicate.
type PredicatePlugin struct {
	Info
	// New returns a new predicate. c holds the keys that begin with
	// predicates.<alias>., without that prefix. The runtime calls New once for
	// each alias of a connector.
	New func(c config.Values) (Predicate, error)
}

// Is reports whether name finds this plugin: it is the class or an alias, with or
// without the Java package and the ending "Connector".
func (i Info) Is(name string) bool {
	return slices.ContainsFunc(i.names(), func(own string) bool { return own == name || short(own) == short(name) })
}

// names are all that find the plugin.
func (i Info) names() []string { return append([]string{i.Class}, i.Aliases...) }

// short strips the Java package and the ending "Connector", as the aliases of
// Kafka Connect do.
func short(class string) string {
	if i := strings.LastIndexByte(class, '.'); i >= 0 {
		class = class[i+1:]
	}
	return strings.TrimSuffix(class, "Connector")
}
