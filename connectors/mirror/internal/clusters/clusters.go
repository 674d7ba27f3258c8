// Package clusters is about the Kafka clients of the two clusters that a mirror stands between: what
// their keys are called in the configuration of a connector, and how clients are made of them.
//
// As in MirrorMaker 2, source.cluster. and target.cluster. come before the keys of every client of a
// cluster, admin., consumer. and producer. before those of clients of a kind, and source.admin.,
// source.consumer. and so on before those of clients of a kind of one cluster, which count most.
package clusters

import (
	"errors"
	"fmt"
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Cluster is one of the two clusters.
type Cluster string

// The clusters.
const (
	Source Cluster = "source"
	Target Cluster = "target"
)

// group is the group of the keys of clients. The reference pages name prefixes instead of its keys.
const group = "Kafka clients"

// kinds are the kinds of clients by the prefixes of their keys. It never changes.
var kinds = map[kafka.Role]string{kafka.Admin: "admin.", kafka.Consumer: "consumer.", kafka.Producer: "producer."}

// common are the prefixes of keys that every client of a cluster has.
func (c Cluster) common() string { return string(c) + ".cluster." }

// Keys declares the keys of the clients of both clusters: of clients for administration, and of
// clients of the further roles that a connector has.
func Keys(roles ...kafka.Role) (keys []config.Key) {
	for _, c := range []Cluster{Source, Target} {
		keys = append(keys, below(c.common(), kafka.Admin)...)
	}
	for _, role := range append([]kafka.Role{kafka.Admin}, roles...) {
		for _, prefix := range []string{kinds[role], string(Source) + "." + kinds[role], string(Target) + "." + kinds[role]} {
			keys = append(keys, below(prefix, role)...)
		}
	}
	return keys
}

// below returns the keys of a role behind a prefix. They have no defaults there: what is not set
// behind one prefix may be set behind another.
func below(prefix string, role kafka.Role) []config.Key {
	keys := role.Def().Keys()
	for i := range keys {
		k := &keys[i]
		k.Name, k.DisplayName = prefix+k.Name, prefix+k.Name
		k.Default, k.Required, k.Group, k.OrderInGroup = nil, false, group, 0
	}
	return keys
}

// Check returns what is wrong with the keys of a client.
func (c Cluster) Check(role kafka.Role, v config.Values) config.Errors {
	_, err := c.Options(role, v)
	var errs config.Errors
	switch {
	case errors.As(err, &errs):
		return errs
	case err != nil:
		return config.Errors{config.Errorf(c.common()+"bootstrap.servers", "", "%v", err)}
	}
	return nil
}

// Options returns the options of a client of the cluster. The error is a [config.Errors] of the keys
// that are wrong, as they are written in the connector's configuration.
func (c Cluster) Options(role kafka.Role, v config.Values) ([]kgo.Opt, error) {
	props, origin := c.props(role, v)
	if _, ok := props["bootstrap.servers"]; !ok {
		return nil, config.Errors{config.MissingKey(c.common() + "bootstrap.servers")}
	}
	parsed, err := role.Def().Parse(props)
	if err != nil {
		return nil, c.named(err, origin)
	}
	opts, err := role.Options(parsed, nil)
	return opts, c.named(err, origin)
}

// Value returns the text of a key of a client, and false when it is not set.
func (c Cluster) Value(role kafka.Role, v config.Values, key string) (string, bool) {
	props, _ := c.props(role, v)
	text, ok := props[key]
	return text, ok
}

// props are the properties of a client, and origin the keys that they come from.
func (c Cluster) props(role kafka.Role, v config.Values) (props, origin map[string]string) {
	props, origin = map[string]string{}, map[string]string{}
	for _, prefix := range []string{c.common(), kinds[role], string(c) + "." + kinds[role]} {
		for _, k := range role.Def().Keys() {
			if name := prefix + k.Name; v.IsSet(name) {
				props[k.Name], origin[k.Name] = textOf(k.Type, name, v), name
			}
		}
	}
	return props, origin
}

// textOf returns a value as it was written.
func textOf(t config.Type, name string, v config.Values) string {
	switch t {
	case config.Boolean:
		return fmt.Sprint(v.Bool(name))
	case config.Int, config.Short, config.Long:
		return fmt.Sprint(v.Long(name))
	case config.Double:
		return fmt.Sprint(v.Double(name))
	case config.List:
		return strings.Join(v.List(name), ",")
	case config.Password:
		return string(v.Password(name))
	}
	return v.String(name)
}

// named replaces the keys of a client in an error by those of the connector.
func (c Cluster) named(err error, origin map[string]string) error {
	var errs config.Errors
	if !errors.As(err, &errs) {
		return err
	}
	out := make(config.Errors, len(errs))
	for i, e := range errs {
		if name, ok := origin[e.Key]; ok {
			e.Key = name
		} else {
			e.Key = c.common() + e.Key
		}
		out[i] = e
	}
	return out
}
