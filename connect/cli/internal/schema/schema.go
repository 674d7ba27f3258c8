// Package schema makes a JSON Schema of the files of connectors, with which editors complete
// keys and show their docs. It accepts what a worker accepts; a worker refuses more, which
// suiro connect validate says.
package schema

import (
	"maps"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/cli/internal/command"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/internal/kafka"
)

const draft = "https://json-schema.org/draft/2020-12/schema"

// class is a class of connectors.
type class struct {
	connect.Info
	of plan.Type
}

// classesOf are the classes of connectors among plugins.
func classesOf(plugins connect.Plugins) (out []class) {
	for _, p := range plugins.Sources {
		out = append(out, class{p.Info, plan.Source})
	}
	for _, p := range plugins.Sinks {
		out = append(out, class{p.Info, plan.Sink})
	}
	return out
}

// document is the schema of the files of connectors of some classes.
func document(plugins connect.Plugins, classes []class) *node {
	infos := make([]connect.Info, len(classes))
	config := &node{Type: "object", Required: []string{"connector.class"}, Properties: map[string]*node{}}
	defs, names := valueDefs(), []string{}
	maps.Copy(defs, clientDefs())
	for i, c := range classes {
		infos[i] = c.Info
		name := command.Simple(c.Class)
		names = append(names, name)
		defs[name] = configOf(plugins, c)
		config.AllOf = append(config.AllOf, &node{Then: refTo(name), If: &node{Required: []string{"connector.class"},
			Properties: map[string]*node{"connector.class": patternOf(c.Info)}}})
	}
	config.Properties["connector.class"] = named(infos...)
	config.Properties["connector.class"].Description = "Class of the connector."
	defs["config"] = config
	if len(classes) > 1 {
		share(defs, names)
	}
	return &node{Schema: draft, Title: titleOf(classes), Type: "object", Defs: defs,
		If:   &node{Required: []string{"config"}, Properties: map[string]*node{"config": {Type: "object"}}},
		Then: request(), Else: &node{Required: []string{"name"}, AllOf: []*node{refTo("config")}}}
}

// request is a file with the configuration in config.
func request() *node {
	no := false
	state := &node{Description: "State in which the connector begins.", AnyOf: []*node{
		{Enum: []any{"RUNNING", "PAUSED", "STOPPED"}},
		{Type: "string", Pattern: "^(" + anyCase("running") + "|" + anyCase("paused") + "|" + anyCase("stopped") + ")$"}}}
	answered := &node{Description: "As GET /connectors/NAME answers; it has no effect."}
	name := &node{Type: "string", MinLength: 1, Description: "Name of the connector, unique in the cluster."}
	return &node{Type: "object", Required: []string{"name", "config"}, AdditionalProperties: &no,
		Properties: map[string]*node{"name": name, "config": refTo("config"), "initial_state": state,
			"tasks": answered, "type": answered}}
}

func titleOf(classes []class) string {
	if len(classes) == 1 {
		return "Configuration of the connector " + command.Simple(classes[0].Class)
	}
	return "Configuration of a connector"
}

// named is the value of a key that names one of the plugins.
func named(infos ...connect.Info) *node {
	enum := &node{}
	for _, i := range infos {
		for _, name := range []string{command.Simple(i.Class), i.Class} {
			if !slices.Contains(enum.Enum, any(name)) {
				enum.Enum = append(enum.Enum, name)
			}
		}
	}
	return &node{AnyOf: []*node{enum, patternOf(infos...), refTo(referenceDef)}}
}

// patternOf is every name that finds one of the plugins, as [connect.Info.Is] says.
func patternOf(infos ...connect.Info) *node {
	var names []string
	for _, i := range infos {
		for _, name := range append([]string{i.Class}, i.Aliases...) {
			name = quote(strings.TrimSuffix(command.Simple(name), "Connector"))
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return &node{Type: "string", Pattern: `^\s*(.*\.)?(` + strings.Join(names, "|") + `)(Connector)?\s*$`}
}

// configOf is the configuration of a connector of a class.
func configOf(plugins connect.Plugins, c class) *node {
	no := false
	out := &node{Type: "object", Description: c.Doc, Properties: map[string]*node{},
		PatternProperties: map[string]*node{`^(_|//)`: {Description: "A comment."}}, AdditionalProperties: &no}
	own := c.Def
	if own == nil {
		own = config.New()
	}
	runtime := plan.ConnectorDef(c.of)
	for _, k := range slices.Concat(own.Keys(), runtime.Keys()) {
		out.Properties[k.Name] = valueOf(k)
		if k.Required && k.Name != "name" && !slices.Contains(out.Required, k.Name) {
			out.Required = append(out.Required, k.Name)
		}
	}
	slices.Sort(out.Required)
	described := func(key string, by *node) {
		if k, ok := runtime.Key(key); ok {
			by.Description = k.Doc
		}
		out.Properties[key] = by
	}
	described("connector.class", named(c.Info))
	described("key.converter", named(converters(plugins)...))
	described("value.converter", named(converters(plugins)...))
	if len(plugins.HeaderConverters) > 0 {
		described("header.converter", named(headerConverters(plugins)...))
	}
	addNested(out, plugins, c.of)
	addNoEffect(out)
	if c.of == plan.Sink {
		out.AnyOf = []*node{{Required: []string{"topics"}}, {Required: []string{"topics.regex"}}}
	}
	return out
}

// addNoEffect adds the keys that are accepted and have no effect.
func addNoEffect(out *node) {
	for _, k := range plan.KeysWithoutEffect() {
		value := &node{Ref: "#/$defs/" + scalarDef, Deprecated: true, Description: "It has no effect: " + k.Why + "."}
		if strings.HasSuffix(k.Key, ".") {
			out.PatternProperties["^"+quote(k.Key)] = value
			continue
		}
		if _, declared := out.Properties[k.Key]; !declared {
			out.Properties[k.Key] = value
		}
	}
}

// roles are the clients of a connector, by what begins their keys.
func roles() map[string]*config.Def {
	return map[string]*config.Def{"producer": kafka.Producer.Def(), "consumer": kafka.Consumer.Def(),
		"admin": kafka.Admin.Def()}
}

// clientDefs are the values of the keys of Kafka clients.
func clientDefs() map[string]*node {
	out := map[string]*node{}
	for role, def := range roles() {
		for _, k := range def.Keys() {
			out[role+"."+k.Name] = valueOf(k)
		}
	}
	return out
}
