package api

// PluginInfo is a plugin that the worker can run: an element of the answer of
// GET /connector-plugins.
type PluginInfo struct {
	// Class is the plugin's name.
	Class string `json:"class"`
	// Type is "sink", "source", "converter", "header_converter",
	// "transformation" or "predicate".
	Type string `json:"type"`
	// Version is the plugin's version, left out when it has none.
	Version string `json:"version,omitempty"`
}

// ConfigKeyInfo declares a key: an element of the answer of GET
// /connector-plugins/{p}/config.
type ConfigKeyInfo struct {
	// Name is the key as it is written in a configuration.
	Name string `json:"name"`
	// Type is STRING, BOOLEAN, INT, SHORT, LONG, DOUBLE, LIST, CLASS or
	// PASSWORD.
	Type string `json:"type"`
	// Required says that a configuration without the key is wrong.
	Required bool `json:"required"`
	// DefaultValue is the value of a key that is not given; null when there is
	// none.
	DefaultValue *string `json:"default_value"`
	// Importance is HIGH, MEDIUM or LOW.
	Importance string `json:"importance"`
	// Documentation says what the key means.
	Documentation string `json:"documentation"`
	// Group is the heading under which a user interface shows the key; null
	// when there is none.
	Group *string `json:"group"`
	// OrderInGroup is the place under the heading, from 1; -1 when there is
	// none.
	OrderInGroup int `json:"order_in_group"`
	// Width is how much room a user interface gives: NONE, SHORT, MEDIUM, LONG.
	Width string `json:"width"`
	// DisplayName is the key's label.
	DisplayName string `json:"display_name"`
	// Dependents are keys whose validity depends on this one; empty, never null.
	Dependents []string `json:"dependents"`
}

// ConfigValueInfo is what a configuration says for a key.
type ConfigValueInfo struct {
	// Name is the key.
	Name string `json:"name"`
	// Value is the text given, or the default; null when there is neither or
	// the text has not the key's type. A password is hidden.
	Value *string `json:"value"`
	// RecommendedValues are values that a user interface may offer; empty,
	// never null.
	RecommendedValues []string `json:"recommended_values"`
	// Errors are sentences that say what is wrong; empty, never null.
	Errors []string `json:"errors"`
	// Visible says whether a user interface should show the key.
	Visible bool `json:"visible"`
}

// ConfigInfo is a key and what a configuration says for it.
type ConfigInfo struct {
	// Definition declares the key; null for a key that nobody declares.
	Definition *ConfigKeyInfo `json:"definition"`
	// Value is what the configuration says.
	Value ConfigValueInfo `json:"value"`
}

// ConfigInfos is a configuration seen key by key: the answer of PUT
// /connector-plugins/{p}/config/validate.
type ConfigInfos struct {
	// Name is the connector.class of the configuration.
	Name string `json:"name"`
	// ErrorCount is the number of errors of all keys.
	ErrorCount int `json:"error_count"`
	// Groups are the headings of the keys, each once, in order.
	Groups []string `json:"groups"`
	// Configs are all keys that the configuration may have, and those of its
	// own that nobody knows.
	Configs []ConfigInfo `json:"configs"`
}
