// Package foreign knows the keys that other parts of Kafka's ecosystem read and
// this worker does not. Files that people have carry them, so each is accepted with
// a warning that says why it has no effect. None of them is one typing error away
// from a key that this worker reads, so that a misspelt key is still refused.
package foreign

import (
	"fmt"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/config"
)

// Keys are keys that have no effect for one reason.
type Keys struct {
	why  string
	keys []string // one that ends with a full stop stands for all keys that begin with it
}

// ToWorkers are the keys in the files of workers.
var ToWorkers = []Keys{
	{"only Confluent's own plugins read it", []string{
		"confluent."}},
	{"listeners says where the REST API answers", []string{"rest.port", "rest.host.name"}},
	{"plugins are part of the binary, not Java classes that are loaded", []string{
		"plugin.discovery", "rest.extension.classes"}},
	{"Kafka Connect has retired it", []string{
		"internal.key.converter", "internal.value.converter", "internal.key.converter.", "internal.value.converter."}},
	{"metrics are at /metrics", []string{
		"metric.reporters", "metrics.", "auto.include.jmx.reporter", "enable.metrics.push"}},
	{"logs are set by --log-level and --log-format", []string{"log4j."}},
	{"workers need no ZooKeeper", []string{"zookeeper.connect"}},
}

// ToConnectors are the keys in the configurations of connectors.
var ToConnectors = []Keys{
	{"only Confluent's own plugins read it", []string{
		"confluent.", "reporter."}},
	{"there is one version of each plugin, the one that is part of the binary", []string{
		"connector.plugin.version"}},
	{"interceptors are Java classes", []string{
		"interceptor.classes", "producer.interceptor.classes", "consumer.interceptor.classes"}},
	{"the runtime sets it for tasks", []string{"task.class"}},
	{"the brokers are those of the worker's bootstrap.servers", []string{"bootstrap.servers"}},
	{"only Confluent's monitoring reads it", []string{"producer.confluent.", "consumer.confluent.", "admin.confluent."}},
	{"a failed task is restarted, see errors.restart.max", []string{"_aiven."}},
	{"Confluent Cloud logs in with it; the worker's file says how this worker logs in", []string{
		"kafka.api.key", "kafka.api.secret", "kafka.auth.mode", "kafka.service.account.id"}},
}

// ToClients are the keys of Kafka's own clients, in the worker's file with
// or without the prefix of a role and in a connector's behind producer.override.
// and the like. Names are without the prefix. What would weaken security when it
// is ignored, such as ssl.cipher.suites, is not among them.
var ToClients = []Keys{
	{"only Confluent's own plugins read it", []string{"confluent."}},
	{"the client of this worker chooses it by itself", []string{
		"client.dns.lookup", "receive.buffer.bytes", "send.buffer.bytes", "reconnect.backoff.ms",
		"reconnect.backoff.max.ms", "retry.backoff.ms", "retry.backoff.max.ms", "metadata.recovery.strategy",
		"metadata.recovery.rebootstrap.trigger.ms", "socket.connection.setup.timeout.max.ms"}},
	{"it chooses Java classes", []string{
		"interceptor.classes", "key.serializer", "value.serializer", "key.deserializer", "value.deserializer",
		"metric.reporters", "security.providers", "ssl.provider", "ssl.protocol", "ssl.keymanager.algorithm",
		"ssl.trustmanager.algorithm", "ssl.secure.random.implementation", "ssl.engine.factory.class",
		"partitioner.class"}},
	{"the worker sets it", []string{
		"enable.auto.commit", "auto.commit.interval.ms", "transactional.id", "partition.assignment.strategy",
		"group.protocol"}},
}

// ToConverters are the keys that files carry below the prefix of a
// converter whatever its class, because the next class in its place reads them.
// Names are without the prefix.
var ToConverters = []Keys{
	{"only JsonConverter reads it", []string{
		"schemas.enable", "schemas.cache.size", "decimal.format", "replace.null.with.default"}},
	{"only AvroConverter reads it", []string{
		"schemas.cache.config", "enhanced.avro.schema.support", "connect.meta.data"}},
	{"only converters with a schema registry read it", []string{
		"schema.registry.", "basic.auth.credentials.source", "basic.auth.user.info", "bearer.auth.",
		"auto.register.schemas", "use.latest.version", "latest.compatibility.strict", "latest.cache.size",
		"latest.cache.ttl.sec", "use.schema.id", "id.compatibility.strict", "normalize.schemas", "max.schemas.per.subject",
		"key.subject.name.strategy", "value.subject.name.strategy"}},
}

// ToPlugins are the keys below the prefix of any plugin.
var ToPlugins = []Keys{
	{"there is one version of each plugin, the one that is part of the binary", []string{"plugin.version"}},
}

// instead is what to write for keys that choose something elsewhere and have
// another name here.
var instead = map[string]string{
	"input.data.format": "set value.converter to the class that reads this format, for JSON " +
		"org.apache.kafka.connect.json.JsonConverter with value.converter.schemas.enable=false",
	"output.data.format": "set value.converter to the class that writes this format, for JSON " +
		"org.apache.kafka.connect.json.JsonConverter with value.converter.schemas.enable=false",
	"input.key.format":  "set key.converter to the class that reads this format",
	"output.key.format": "set key.converter to the class that writes this format",
}

// Instead says what to write in place of a key that must not be ignored, or is
// empty.
func Instead(name string) string { return instead[name] }

// Knows reports whether a list has a key.
func Knows(name string, list []Keys) bool { return whose(name, nil, list) != "" }

// Accept parts errors of unknown keys into a warning for each key that the lists
// have, and the rest. The names of the lists and the declared ones are without
// the prefix.
func Accept(unknown config.Errors, prefix string, declared []string, lists ...[]Keys) (
	warnings []string, refused config.Errors) {
	for _, e := range unknown {
		if why := whose(strings.TrimPrefix(e.Key, prefix), declared, slices.Concat(lists...)); why != "" {
			warnings = append(warnings, fmt.Sprintf("%s has no effect: %s", e.Key, why))
			continue
		}
		refused = append(refused, e)
	}
	return warnings, refused
}

// whose says why a key has no effect, or "" when it is not in the list. An entry
// for all keys that begin with something does not hold where declared has such a
// key, as the name may be that one misspelt.
func whose(name string, declared []string, list []Keys) string {
	begins := func(prefix string) bool {
		return strings.HasSuffix(prefix, ".") && strings.HasPrefix(name, prefix) &&
			!slices.ContainsFunc(declared, func(d string) bool { return strings.HasPrefix(d, prefix) })
	}
	for _, f := range list {
		if slices.Contains(f.keys, name) || slices.ContainsFunc(f.keys, begins) {
			return f.why
		}
	}
	if strings.HasPrefix(name, "_") || strings.HasPrefix(name, "//") {
		return "it is a comment"
	}
	return ""
}

// Family is a key of a transform or predicate as it would be if the word before its
// first dot were spelt right; "" when there is no such one.
func Family(key string) string {
	word, rest, _ := strings.Cut(key, ".")
	if near := config.Nearest(word, []string{"transforms", "predicates"}); near != "" && near != word && rest != "" {
		return near + "." + rest
	}
	return ""
}
