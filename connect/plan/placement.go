package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan/internal/foreign"
	"github.com/suiro/suiro/connect/plan/internal/keys"
	"github.com/suiro/suiro/internal/kafka"
)

// connectorKeyBelongs says where a key should be that a connector's configuration
// has by mistake, or returns "".
func connectorKeyBelongs(name string, of Type) string {
	if instead := foreign.Instead(name); instead != "" {
		return instead
	}
	for _, r := range roles {
		if rest, ok := strings.CutPrefix(name, r.prefix); ok && r.prefix != adminRole.prefix {
			return overrideKey(r, rest)
		}
	}
	client := consumerRole
	if of == Source {
		client = producerRole
	}
	if has(client.Def(), name) {
		return fmt.Sprintf("write %q", client.override+name)
	}
	if has(keys.Worker(), name) || foreign.Knows(name, foreign.ToWorkers) {
		return "it belongs in the worker's file"
	}
	if foreign.Knows(name, foreign.ToConverters) {
		return fmt.Sprintf("write %q or %q", "value.converter."+name, "key.converter."+name)
	}
	other := map[Type]Type{Source: Sink, Sink: Source}[of]
	if has(ConnectorDef(other), name) {
		return fmt.Sprintf("only a %s has it, and this connector is a %s", other, of)
	}
	return ""
}

// overrideKey says how a connector overrides a client's key that is written as in a
// worker's file.
func overrideKey(r role, name string) string {
	if has(r.Def(), name) {
		return fmt.Sprintf("write %q", r.override+name)
	}
	if near := config.Nearest(name, r.Def().Names()); near != "" {
		return fmt.Sprintf("did you mean %q?", r.override+near)
	}
	return ""
}

// workerKeyBelongs says where a key should be that a worker's file has by mistake,
// or returns "".
func workerKeyBelongs(name string) string {
	for _, r := range roles {
		if rest, ok := strings.CutPrefix(name, r.override); ok {
			return fmt.Sprintf("it belongs in a connector's configuration; for all connectors write %q", r.prefix+rest)
		}
	}
	var prefixed []string
	for _, r := range []role{consumerRole, producerRole} {
		if has(r.Def(), name) && !has(kafka.Admin.Def(), name) {
			prefixed = append(prefixed, fmt.Sprintf("%q", r.prefix+name))
		}
	}
	switch {
	case len(prefixed) > 0:
		return "write " + strings.Join(prefixed, " or ")
	case has(keys.Sink(), name), has(keys.Source(), name),
		strings.HasPrefix(name, "transforms."), strings.HasPrefix(name, "predicates."):
		return "it belongs in a connector's configuration"
	case foreign.Knows(name, foreign.ToConverters):
		return fmt.Sprintf("write %q or %q", "value.converter."+name, "key.converter."+name)
	}
	return ""
}

func has(def *config.Def, name string) bool { return slices.Contains(def.Names(), name) }
