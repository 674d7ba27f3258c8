package plan

import (
	"fmt"
	"slices"
	"strings"
)

// foreignKeys are keys that one part of Kafka's ecosystem reads and this worker
// does not. Files that people have carry them, so each is accepted with a
// warning that says why it has no effect. None is within a slip of the pen of a
// key that this worker reads, so that a misspelt key is still refused.
type foreignKeys struct {
	why  string
	keys []string // with a full stop at the end all keys that begin so
}

// foreignToWorkers are the keys in the files of workers.
var foreignToWorkers = []foreignKeys{
	{"only Confluent's own plugins read it", []string{
		"confluent.", "producer.confluent.", "consumer.confluent.", "admin.confluent."}},
	{"only distributed workers read it", []string{
		"config.storage.", "status.storage.", "rebalance.timeout.ms", "session.timeout.ms",
		"heartbeat.interval.ms", "worker.sync.timeout.ms", "worker.unsync.backoff.ms",
		"scheduled.rebalance.max.delay.ms", "connect.protocol", "inter.worker.", "rest.advertised."}},
	{"listeners says where the REST API answers", []string{"rest.port", "rest.host.name"}},
	{"the REST API has one listener, for /admin too, and no TLS of its own", []string{
		"admin.listeners", "listeners.https.", "access.control.allow.", "response.http.headers.config"}},
	{"plugins are part of the binary, not Java classes that are loaded", []string{
		"plugin.discovery", "rest.extension.classes", "interceptor.classes", "producer.interceptor.classes",
		"consumer.interceptor.classes"}},
	{"connectors may override every key of their clients", []string{"connector.client.config.override.policy"}},
	{"Kafka Connect has retired it", []string{
		"internal.key.converter", "internal.value.converter", "internal.key.converter.", "internal.value.converter."}},
	{"metrics are at /metrics", []string{
		"metric.reporters", "metrics.", "auto.include.jmx.reporter", "enable.metrics.push"}},
}

// foreignToConnectors are the keys in the configurations of connectors.
var foreignToConnectors = []foreignKeys{
	{"only Confluent's own plugins read it", []string{
		"confluent.", "reporter.", "producer.override.confluent.", "consumer.override.confluent."}},
	{"a connector restarts when its configuration changes, and no provider changes one", []string{
		"config.action.reload"}},
	{"there is one version of each plugin, the one that is part of the binary", []string{
		"connector.plugin.version", "key.converter.plugin.version", "value.converter.plugin.version",
		"header.converter.plugin.version"}},
	{"interceptors are Java classes", []string{
		"interceptor.classes", "producer.interceptor.classes", "consumer.interceptor.classes",
		"producer.override.interceptor.classes", "consumer.override.interceptor.classes"}},
	{"source offsets are kept where the worker keeps them", []string{"offsets.storage.topic"}},
	{"the runtime sets it for tasks", []string{"task.class"}},
}

// foreignToConverters are the keys that files carry below the prefix of a
// converter whatever its class, because the next class in its place reads them.
// Names are without the prefix.
var foreignToConverters = []foreignKeys{
	{"only JSON and Avro converters read it", []string{
		"schemas.enable", "schemas.cache.size", "schemas.cache.config", "decimal.format", "replace.null.with.default",
		"enhanced.avro.schema.support", "connect.meta.data"}},
	{"only converters with a schema registry read it", []string{
		"schema.registry.", "basic.auth.credentials.source", "basic.auth.user.info", "bearer.auth.",
		"auto.register.schemas", "use.latest.version", "latest.compatibility.strict", "normalize.schemas",
		"key.subject.name.strategy", "value.subject.name.strategy"}},
}

// foreignToSteps are the keys below the prefix of a transform or a predicate.
var foreignToSteps = []foreignKeys{
	{"there is one version of each plugin, the one that is part of the binary", []string{"plugin.version"}},
}

// foreign returns the warning for a key of the lists, or "". name is the key as
// the lists call it. A list of all keys that begin with something does not hold
// where declared has such a key, as the name may be that one misspelt.
func foreign(key, name string, lists []foreignKeys, declared []string) string {
	if strings.HasPrefix(name, "_") || strings.HasPrefix(name, "//") {
		return fmt.Sprintf("%s has no effect: it is a comment", key)
	}
	begins := func(prefix string) bool {
		return strings.HasSuffix(prefix, ".") && strings.HasPrefix(name, prefix) &&
			!slices.ContainsFunc(declared, func(d string) bool { return strings.HasPrefix(d, prefix) })
	}
	for _, f := range lists {
		if slices.Contains(f.keys, name) || slices.ContainsFunc(f.keys, begins) {
			return fmt.Sprintf("%s has no effect: %s", key, f.why)
		}
	}
	return ""
}
