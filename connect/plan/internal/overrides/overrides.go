// Package overrides decides which keys of their Kafka clients connectors may override.
// The policies are Kafka Connect's (KIP-458, KIP-1188), by their short names or the
// names of their Java classes.
package overrides

import (
	"fmt"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/config"
)

// The keys of a worker that choose the policy.
const (
	policyKey = "connector.client.config.override.policy"
	allowKey  = "connector.client.config.override.allowlist"
)

// The names of policies, and what surrounds them in the names of Java's classes.
const (
	all       = "All"
	none      = "None"
	principal = "Principal"
	allowlist = "Allowlist"

	javaPackage = "org.apache.kafka.connect.connector.policy."
	javaSuffix  = "ConnectorClientConfigOverridePolicy"
)

// ofPrincipal are the keys that say who a client is.
var ofPrincipal = []string{"security.protocol", "sasl.jaas.config", "sasl.mechanism"}

// Keys returns the keys of a worker.
func Keys() []config.Key {
	return []config.Key{
		{Name: policyKey, Type: config.String, Default: all, Importance: config.Medium,
			Valid: config.Func("All, Allowlist, Principal or None", isPolicy),
			Doc: "Which keys that begin with producer.override., consumer.override. or admin.override. connectors may " +
				"have: All; Allowlist, which are those in " + allowKey + "; Principal, which are security.protocol, " +
				"sasl.jaas.config and sasl.mechanism; or None. The names of Kafka Connect's classes are accepted, too. With " +
				"All, whoever may create a connector can send its records to another cluster, and choose the account that " +
				"its clients log in with."},
		{Name: allowKey, Type: config.List, Default: "", Importance: config.Medium,
			Doc: "Keys of Kafka clients that connectors may override, without producer.override. and the like, with " +
				"commas between. It has an effect with " + policyKey + "=Allowlist alone."},
	}
}

// Policy is a worker's policy. It may be used by several goroutines.
type Policy struct {
	name    string
	allowed []string
}

// New reads the policy of a worker's configuration.
func New(v config.Values) Policy {
	name := short(v.String(policyKey))
	switch name {
	case principal:
		return Policy{name, ofPrincipal}
	case allowlist:
		return Policy{name, v.List(allowKey)}
	}
	return Policy{name, nil}
}

// Check returns an error for each property of a connector below the prefix, such as
// producer.override., that the policy does not allow. The errors hold no values.
func (p Policy) Check(props map[string]string, prefix string) config.Errors {
	if p.name == all || p.name == "" { // "" where the worker's configuration is wrong, which has been reported
		return nil
	}
	var errs config.Errors
	for key := range props {
		name, ok := strings.CutPrefix(key, prefix)
		if ok && !slices.Contains(p.allowed, name) {
			errs = append(errs, config.KeyError{Key: key, Value: config.Hidden, Message: fmt.Sprintf("The '%s' policy does not "+
				"allow '%s' to be overridden in the connector configuration: leave it out, or allow it with the worker's %s",
				p.name, name, policyKey)})
		}
	}
	slices.SortFunc(errs, func(a, b config.KeyError) int { return strings.Compare(a.Key, b.Key) })
	return errs
}

// isPolicy refuses the name of a policy that there is not: a policy of its own may
// be strict, so that ignoring it would allow too much.
func isPolicy(value any) error {
	if name, _ := value.(string); short(name) == "" {
		return fmt.Errorf("there is no such policy: write %s, %s, %s or %s; policies are not Java classes that are loaded",
			all, allowlist, principal, none)
	}
	return nil
}

// short returns the short name of a policy, "" when there is none of that name.
func short(name string) string {
	name = strings.TrimSuffix(strings.TrimPrefix(name, javaPackage), javaSuffix)
	for _, p := range []string{all, none, principal, allowlist} {
		if strings.EqualFold(name, p) {
			return p
		}
	}
	return ""
}
