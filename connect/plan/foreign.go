package plan

import (
	"fmt"
	"strings"
)

// foreignKey is a key, or with a full stop at its end a prefix, that another
// part of Kafka's ecosystem reads.
type foreignKey struct {
	name  string
	whose string
}

const (
	vendor      = "Confluent's own plugins read it"
	distributed = "only distributed workers read it"
	javaOnly    = "it chooses Java classes"
	retired     = "Kafka Connect has retired it"
)

// foreignWorkerKeys are keys in the files of workers that have no effect here.
// Nobody's configuration stops working when they are ignored; a misspelt key
// that this worker does read never looks like one of them.
var foreignWorkerKeys = []foreignKey{
	{"confluent.", vendor},
	{"config.storage.", distributed},
	{"status.storage.", distributed},
	{"rebalance.timeout.ms", distributed},
	{"session.timeout.ms", distributed},
	{"heartbeat.interval.ms", distributed},
	{"worker.sync.timeout.ms", distributed},
	{"worker.unsync.backoff.ms", distributed},
	{"scheduled.rebalance.max.delay.ms", distributed},
	{"connect.protocol", distributed},
	{"inter.worker.", distributed},
	{"rest.advertised.", distributed},
	{"rest.port", "set listeners instead"},
	{"rest.host.name", "set listeners instead"},
	{"rest.extension.classes", javaOnly},
	{"plugin.discovery", "plugins are part of the binary"},
	{"connector.client.config.override.policy", "every override is allowed"},
	{"internal.key.converter", retired},
	{"internal.value.converter", retired},
	{"internal.key.converter.", retired},
	{"internal.value.converter.", retired},
	{"interceptor.classes", javaOnly},
	{"producer.interceptor.classes", javaOnly},
	{"consumer.interceptor.classes", javaOnly},
	{"producer.confluent.", vendor},
	{"consumer.confluent.", vendor},
	{"metric.reporters", "metrics are at /metrics"},
	{"metrics.", "metrics are at /metrics"},
	{"auto.include.jmx.reporter", "metrics are at /metrics"},
}

// foreignConnectorKeys are the same for connectors.
var foreignConnectorKeys = []foreignKey{
	{"confluent.", vendor},
	{"config.action.reload", "a connector restarts when its configuration changes"},
	{"producer.override.interceptor.classes", javaOnly},
	{"consumer.override.interceptor.classes", javaOnly},
	{"producer.override.confluent.", vendor},
	{"consumer.override.confluent.", vendor},
}

// foreign returns the warning for a key of the list, or "".
func foreign(key string, list []foreignKey) string {
	for _, f := range list {
		if key == f.name || strings.HasSuffix(f.name, ".") && strings.HasPrefix(key, f.name) {
			return fmt.Sprintf("%s has no effect: %s", key, f.whose)
		}
	}
	return ""
}
