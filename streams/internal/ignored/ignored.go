// Package ignored knows the keys of Kafka Streams that have no effect in a stream app.
package ignored

import "strings"

// The reasons why keys of Kafka Streams have no effect.
const (
	javaClasses = "it names Java classes"
	standbys    = "there are no standby tasks"
	ownClient   = "the client decides it itself"
	metrics     = "metrics are at /metrics"
	theApp      = "the app decides it itself"
)

// keys are the keys, or with a full stop at their end the prefixes of keys,
// that are in the configuration files of Kafka Streams apps and have no effect
// here. A file that has one still works. The map never changes.
var keys = map[string]string{
	"default.key.serde": javaClasses, "default.value.serde": javaClasses, "default.timestamp.extractor": javaClasses,
	"default.list.": javaClasses, "key.serializer": javaClasses, "value.serializer": javaClasses,
	"key.deserializer": javaClasses, "value.deserializer": javaClasses, "interceptor.classes": javaClasses,
	"rocksdb.config.setter": javaClasses, "default.client.supplier": javaClasses, "task.assignor.class": javaClasses,
	"partition.assignment.strategy": javaClasses, "dsl.store.suppliers.class": "set default.dsl.store",
	"windowed.inner.class.serde": javaClasses, "processor.wrapper.class": javaClasses,

	"num.standby.replicas": standbys, "max.warmup.replicas": standbys, "acceptable.recovery.lag": standbys,
	"probing.rebalance.interval.ms": standbys, "rack.aware.assignment.": standbys,

	"retry.backoff.ms": ownClient, "retry.backoff.max.ms": ownClient, "reconnect.backoff.ms": ownClient,
	"reconnect.backoff.max.ms": ownClient, "send.buffer.bytes": ownClient, "receive.buffer.bytes": ownClient,
	"client.dns.lookup": ownClient, "socket.connection.setup.timeout.max.ms": ownClient, "poll.ms": ownClient,
	"check.crcs": ownClient, "metadata.recovery.strategy": ownClient,

	"group.id": theApp, "group.instance.id": theApp, "enable.auto.commit": theApp, "auto.commit.interval.ms": theApp,
	"isolation.level": theApp, "transactional.id": theApp, "allow.auto.create.topics": theApp,
	"exclude.internal.topics": theApp, "group.remote.assignor": theApp, "share.acknowledgement.mode": theApp,
	"share.acquire.mode": theApp, "partitioner.class": theApp,
	"default.api.timeout.ms": theApp, "transaction.two.phase.commit.enable": theApp,

	"bootstrap.controllers": ownClient, "compression.gzip.level": ownClient, "compression.lz4.level": ownClient,
	"compression.zstd.level": ownClient, "metadata.max.idle.ms": ownClient,
	"metadata.recovery.rebootstrap.trigger.ms": ownClient, "internal.throw.on.fetch.stable.offset.unsupported": ownClient,
	"partitioner.adaptive.partitioning.enable": theApp, "partitioner.availability.timeout.ms": theApp,
	"partitioner.ignore.keys": theApp,

	"metric.reporters": metrics, "metrics.": metrics, "auto.include.jmx.reporter": metrics,
	"built.in.metrics.version": metrics, "enable.metrics.push": metrics,

	"allow.os.group.write.access": "the folder of state belongs to the user alone",
	"ensure.explicit.internal.resource.naming": "the command topology shows which names are generated; give others with " +
		"Named and StoreName",
	"log.summary.interval.ms":      "what it would sum up is at /metrics",
	"state.cleanup.dir.max.age.ms": "the state of tasks that have moved away is kept",
	"window.size.ms":               "it is for consumers that read windowed keys",

	"cache.max.bytes.buffering":      "set statestore.cache.max.bytes",
	"buffered.records.per.partition": "set input.buffer.max.bytes",
	"repartition.purge.interval.ms":  "processed records are deleted every 30000",
	"topology.optimization":          "a topology runs as it was built",
	"upgrade.from":                   "it is for upgrades of Kafka Streams",
	"application.server":             "App.Store shows the partitions of its own instance",
}

// Why reports whether name is a key of Kafka Streams that has no effect, and why.
func Why(name string) (why string, ok bool) {
	if why, ok = keys[name]; ok {
		return why, true
	}
	for prefix, why := range keys {
		if strings.HasSuffix(prefix, ".") && strings.HasPrefix(name, prefix) {
			return why, true
		}
	}
	return "", false
}
