package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan/internal/keys"
)

// Distributed is what a worker's configuration says about the group of workers that it
// belongs to.
type Distributed struct {
	// Protocol is the newest of Kafka Connect's protocols that the worker offers to its
	// group: eager, compatible or sessioned.
	Protocol string `config:"connect.protocol"`
	// SessionTimeout is after how long without a heartbeat the brokers take the worker
	// for lost.
	SessionTimeout time.Duration `config:"session.timeout.ms"`
	// Heartbeat is the time between two heartbeats, less than SessionTimeout.
	Heartbeat time.Duration `config:"heartbeat.interval.ms"`
	// RebalanceTimeout is how long a worker may take to join a rebalance.
	RebalanceTimeout time.Duration `config:"rebalance.timeout.ms"`
	// SyncTimeout is how long a worker tries to read the configurations that its group
	// has, before it leaves the group for UnsyncBackoff.
	SyncTimeout   time.Duration `config:"worker.sync.timeout.ms"`
	UnsyncBackoff time.Duration `config:"worker.unsync.backoff.ms"`
	// MaxDelay is how long the work of a lost worker waits for it.
	MaxDelay time.Duration `config:"scheduled.rebalance.max.delay.ms"`
	// Load divides tasks by how busy they are, when all workers of the group do.
	Load bool `config:"assignment.load.enable"`
	// LoadInterval is the time between two rounds in which tasks move for that alone.
	LoadInterval time.Duration `config:"assignment.load.interval.ms"`

	// ConfigTopic keeps configurations, in one partition.
	ConfigTopic string `config:"config.storage.topic"`
	// ConfigReplication is the number of replicas that ConfigTopic is created with; -1 is
	// the broker's default.
	ConfigReplication int `config:"config.storage.replication.factor"`
	// ConfigSettings are the settings that ConfigTopic is created with.
	ConfigSettings map[string]string
	// StatusTopic keeps what connectors and tasks do.
	StatusTopic string `config:"status.storage.topic"`
	// StatusPartitions is the number of partitions that StatusTopic is created with.
	StatusPartitions int `config:"status.storage.partitions"`
	// StatusReplication is the number of replicas that StatusTopic is created with; -1 is
	// the broker's default.
	StatusReplication int `config:"status.storage.replication.factor"`
	// StatusSettings are the settings that StatusTopic is created with.
	StatusSettings map[string]string

	// KeyAlgorithm is what the keys are made for that sign requests between workers, by
	// Java's name, and KeySize is their length in bits; 0 is that of the algorithm's hash.
	KeyAlgorithm string `config:"inter.worker.key.generation.algorithm"`
	KeySize      int    `config:"inter.worker.key.size"`
	// KeyTTL is after how long such a key is replaced.
	KeyTTL time.Duration `config:"inter.worker.key.ttl.ms"`
	// SignatureAlgorithm is what this worker signs with.
	SignatureAlgorithm string `config:"inter.worker.signature.algorithm"`
	// VerificationAlgorithms are the ones whose signatures it accepts.
	VerificationAlgorithms []string `config:"inter.worker.verification.algorithms"`
}

// NamesGroup reports whether a worker's properties name what makes a worker that is
// given no connector files a distributed one: group.id and config.storage.topic.
func NamesGroup(props map[string]string) bool {
	return strings.TrimSpace(props["group.id"]) != "" && strings.TrimSpace(props["config.storage.topic"]) != ""
}

// ParseDistributed does what [ParseConfig] does for a distributed worker: there, the
// keys that only such a worker reads have no effect; here they are checked, and
// [Worker.Distributed] is set.
func ParseDistributed(props map[string]string) (*Worker, error) { return parseWorker(props, true) }

// readDistributed reads and checks what a distributed worker has beyond a standalone one.
func readDistributed(w *Worker, found *findings) {
	d := &Distributed{}
	w.values.Decode(d)
	w.Distributed = d
	w.OffsetSettings = found.settings(w.props, "offset.storage.")
	d.ConfigSettings = found.settings(w.props, "config.storage.")
	d.StatusSettings = found.settings(w.props, "status.storage.")
	needed := "needed by a distributed worker"
	for _, key := range []string{"group.id", "config.storage.topic", "offset.storage.topic", "status.storage.topic"} {
		if w.values.String(key) == "" {
			found.refuse(config.Errorf(key, "", "%s", needed))
		}
	}
	checkDistinct(w, found)
	if d.Heartbeat >= d.SessionTimeout && d.SessionTimeout > 0 {
		found.refuse(config.Errorf("heartbeat.interval.ms", w.props["heartbeat.interval.ms"],
			"must be less than session.timeout.ms (%d): a third of it is usual", d.SessionTimeout.Milliseconds()))
	}
	if d.Load && d.Protocol != keys.ProtocolSessioned {
		found.refuse(config.Errorf("assignment.load.enable", "true", "needs connect.protocol=sessioned"))
	}
	if !slices.Contains(d.VerificationAlgorithms, d.SignatureAlgorithm) && len(d.VerificationAlgorithms) > 0 {
		found.refuse(config.Errorf("inter.worker.signature.algorithm", d.SignatureAlgorithm,
			"must be one of inter.worker.verification.algorithms (%s)", strings.Join(d.VerificationAlgorithms, ", ")))
	}
}

// checkDistinct refuses one topic for two purposes: neither could be read any more.
func checkDistinct(w *Worker, found *findings) {
	seen := map[string]string{}
	for _, key := range []string{"config.storage.topic", "offset.storage.topic", "status.storage.topic"} {
		topic := w.values.String(key)
		if other := seen[topic]; topic != "" && other != "" {
			found.refuse(config.Errorf(key, topic, "is also %s: name another topic", other))
		}
		seen[topic] = key
	}
}

// settings are those that an internal topic is created with.
func (f *findings) settings(props map[string]string, prefix string) map[string]string {
	out, warnings, refused := keys.StorageSettings(props, prefix)
	f.warn(warnings...)
	f.refuse(refused...)
	return out
}

// warnDistributed warns of keys that only a distributed worker reads.
func warnDistributed(w *Worker, found *findings) {
	why := "only distributed workers read it"
	for _, name := range keys.Distributed() {
		if _, ok := w.props[name]; ok {
			found.warn(fmt.Sprintf("%s has no effect: %s", name, why))
		}
	}
	for _, name := range keys.Worker().Unknown(w.props) {
		if strings.HasPrefix(name, "config.storage.") || strings.HasPrefix(name, "status.storage.") {
			found.warn(fmt.Sprintf("%s has no effect: %s", name, why))
		}
	}
}
