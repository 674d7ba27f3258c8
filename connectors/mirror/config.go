package mirror

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connectors/mirror/internal/clusters"
	"github.com/suiro/suiro/connectors/mirror/internal/naming"
	"github.com/suiro/suiro/connectors/mirror/internal/selection"
	"github.com/suiro/suiro/internal/kafka"
)

// The classes that MirrorMaker 2 has for what may be replaced there. Here they are what there is.
const (
	javaPackage    = "org.apache.kafka.connect.mirror."
	defaultPolicy  = javaPackage + "DefaultReplicationPolicy"
	identityPolicy = javaPackage + "IdentityReplicationPolicy"
	topicFilter    = javaPackage + "DefaultTopicFilter"
	propertyFilter = javaPackage + "DefaultConfigPropertyFilter"
	plainAdmin     = "org.apache.kafka.clients.admin.ForwardingAdmin"
)

// oneClass accepts the full and the simple names of classes.
func oneClass(classes ...string) config.Validator {
	desc := "[" + strings.Join(classes, ", ") + "]"
	return config.Func(desc, func(v any) error {
		for _, c := range classes {
			if v == c || v == simple(c) {
				return nil
			}
		}
		return fmt.Errorf("must be one of %s: classes of Java cannot be loaded", strings.Join(classes, ", "))
	})
}

// simple returns the name of a class without its package.
func simple(class string) string { return class[strings.LastIndexByte(class, '.')+1:] }

// commonKeys are the keys of every connector of this package.
func commonKeys() []config.Key {
	low := config.Low
	return []config.Key{
		{Name: "source.cluster.alias", Type: config.String, Required: true, Valid: alias(),
			Doc: "The name of the cluster that is mirrored. Names of mirrored topics begin with it."},
		{Name: "target.cluster.alias", Type: config.String, Default: "target", Valid: alias(),
			Doc: "The name of the cluster that it is mirrored to, which is the worker's. A topic that came from there is not " +
				"mirrored back."},
		{Name: "enabled", Type: config.Boolean, Default: true, Importance: low,
			Doc: "Whether to do anything; otherwise there are no tasks."},
		{Name: "replication.policy.class", Type: config.Class, Default: defaultPolicy, Importance: low,
			Valid: oneClass(defaultPolicy, identityPolicy),
			Doc: "What mirrored topics are called. With DefaultReplicationPolicy the topic orders of the cluster east is " +
				"east.orders; with IdentityReplicationPolicy it is orders, and then circles cannot be found."},
		{Name: "replication.policy.separator", Type: config.String, Default: ".", Valid: config.NonEmpty(), Importance: low,
			Doc: "What stands between the name of a cluster and that of a topic."},
		{Name: "replication.policy.internal.topic.separator.enabled", Type: config.Boolean, Default: true, Importance: low,
			Doc: "Whether replication.policy.separator also is in the names of the topics of offset syncs and checkpoints."},
		{Name: "admin.timeout.ms", Type: config.Long, Default: 60000, Valid: config.AtLeast(1), Importance: low,
			Doc: "How long to try to look at topics and to change them."},
		{Name: "forwarding.admin.class", Type: config.Class, Default: plainAdmin, Valid: oneClass(plainAdmin),
			Importance: low, Doc: "Which class changes topics."},
		{Name: "metric.reporters", Type: config.List, Default: "org.apache.kafka.common.metrics.JmxReporter",
			Importance: low, NoEffect: "metrics are shown under /metrics", Doc: "Classes that report metrics."},
		{Name: "metric.names.formats", Type: config.List, Default: "legacy", Importance: low,
			NoEffect: "metrics have one name", Doc: "The formats of the names of metrics."},
		{Name: "task.index", Type: config.Int, Default: -1, Importance: low,
			Doc: "The number of the task, which the connector sets."},
	}
}

// alias accepts what can begin the name of a topic.
func alias() config.Validator {
	return config.Func("letters, digits, dots, hyphens and underscores", func(v any) error {
		bad := func(c rune) bool {
			return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("._-", c))
		}
		if text := v.(string); text == "" || strings.ContainsFunc(text, bad) {
			return errors.New("must have letters, digits, dots, hyphens and underscores only, as names of topics begin with it")
		}
		return nil
	})
}

// sourceKeys are the keys of MirrorSource, but those of its clients.
func sourceKeys() []config.Key { return slices.Concat(topicKeys(), syncKeys()) }

// topicKeys are the keys about topics: which, and what is made the same.
func topicKeys() []config.Key {
	low := config.Low
	list := config.Func("names and regular expressions", selection.Valid)
	seconds := func(name, doc string) config.Key {
		return config.Key{Name: name, Type: config.Long, Default: 600, Valid: config.AtLeast(1), Importance: low, Doc: doc}
	}
	yes := func(name, doc string) config.Key {
		return config.Key{Name: name, Type: config.Boolean, Default: true, Importance: low, Doc: doc}
	}
	return []config.Key{
		{Name: "topics", Type: config.List, Default: ".*", Valid: list,
			Doc: "Topics to mirror: names and regular expressions for whole names, with commas between."},
		{Name: "topics.exclude", Type: config.List, Default: `mm2.*\.internal, .*\.replica, __.*`, Valid: list,
			Doc: "Topics that are not mirrored although topics chooses them."},
		{Name: "topic.filter.class", Type: config.Class, Default: topicFilter, Valid: oneClass(topicFilter), Importance: low,
			Doc: "Which class chooses topics."},
		{Name: "heartbeats.replication.enabled", Type: config.Boolean, Default: true, Importance: low,
			Doc: "Whether topics of heartbeats are mirrored whatever topics says."},
		{Name: "replication.factor", Type: config.Int, Default: 2, Valid: replicas(), Importance: low,
			Doc: "How many replicas mirrored topics get; -1 is the brokers' default."},
		yes("refresh.topics.enabled", "Whether to look for new topics and partitions while the connector runs."),
		seconds("refresh.topics.interval.seconds", "How often to look for new topics and partitions."),
		yes("sync.topic.configs.enabled", "Whether mirrored topics are given the configurations of their originals."),
		seconds("sync.topic.configs.interval.seconds",
			"How often mirrored topics are given the configurations of their originals."),
		{Name: "config.properties.exclude", Type: config.List, Valid: list, Default: strings.Join([]string{
			"follower.replication.throttled.replicas", "leader.replication.throttled.replicas",
			"message.timestamp.difference.max.ms", "log.message.timestamp.before.max.ms", "log.message.timestamp.after.max.ms",
			"message.timestamp.type", "unclean.leader.election.enable", "min.insync.replicas"}, ", "),
			Doc: "Keys of the configuration of topics that are left alone: names and regular expressions."},
		{Name: "config.property.filter.class", Type: config.Class, Default: propertyFilter, Valid: oneClass(propertyFilter),
			Importance: low, Doc: "Which class chooses the keys of the configuration of topics."},
		{Name: "use.defaults.from", Type: config.String, Default: "target", Valid: config.OneOf(false, "source", "target"),
			Importance: config.Medium, Doc: "Which cluster's defaults mirrored topics have where their originals set nothing."},
		yes("sync.topic.acls.enabled", "Whether who may read a topic may also read its mirror."),
		seconds("sync.topic.acls.interval.seconds", "How often the ACLs of topics are copied."),
	}
}

// syncKeys are the keys about offset syncs and reading.
func syncKeys() []config.Key {
	low := config.Low
	return []config.Key{
		{Name: "emit.offset-syncs.enabled", Type: config.Boolean, Default: true, Importance: low,
			Doc: "Whether to write which offset upstream is which downstream, without which no offsets of consumer groups are " +
				"translated."},
		{Name: "offset-syncs.topic.location", Type: config.String, Default: "source",
			Valid: config.OneOf(false, "source", "target"), Importance: low,
			Doc: "The cluster with the topic of offset syncs."},
		{Name: "offset-syncs.topic.replication.factor", Type: config.Short, Default: 3, Valid: replicas(), Importance: low,
			Doc: "How many replicas the topic of offset syncs gets; -1 is the brokers' default."},
		{Name: "offset.lag.max", Type: config.Long, Default: 100, Valid: config.AtLeast(0), Importance: low,
			Doc: "How many records may pass before the next offset sync."},
		{Name: "consumer.poll.timeout.ms", Type: config.Long, Default: 1000, Valid: config.AtLeast(1), Importance: low,
			Doc: "How long to wait for records."},
		{Name: "undecoded.batches.enabled", Type: config.Boolean, Default: false, Importance: low,
			Doc: "Whether batches are written as they were read, without a look at the records, when nothing needs to " +
				"see them: no transform, no converter but ByteArrayConverter, and nobody who taps the connector. That takes a " +
				"small part of the CPU. It is for clusters that are near to each other, as a partition gets one batch for each round " +
				"trip. MirrorMaker 2 has no such key."},
		{Name: "task.assigned.partitions", Type: config.List, Default: "", Importance: low,
			Doc: "The partitions of the task, which the connector sets."},
	}
}

func replicas() config.Validator {
	return config.Func("-1, or 1 and more", func(v any) error {
		if n := v.(int64); n == 0 || n < -1 {
			return errors.New("must be -1, or 1 and more")
		}
		return nil
	})
}

// sourceDef declares the keys of MirrorSource. It never changes.
var sourceDef = config.New(slices.Concat(commonKeys(), sourceKeys(), clusters.Keys(kafka.Consumer, kafka.Producer))...)

// settings are the keys of every connector of this package.
type settings struct {
	Source       string        `config:"source.cluster.alias"`
	Target       string        `config:"target.cluster.alias"`
	Enabled      bool          `config:"enabled"`
	PolicyClass  string        `config:"replication.policy.class"`
	Separator    string        `config:"replication.policy.separator"`
	InInternals  bool          `config:"replication.policy.internal.topic.separator.enabled"`
	AdminTimeout time.Duration `config:"admin.timeout.ms"`
}

func (s *settings) policy() naming.Policy {
	return naming.Policy{Identity: simple(s.PolicyClass) == simple(identityPolicy), Source: s.Source,
		Separator: s.Separator, PlainInternals: !s.InInternals}
}

// sourceSettings are the keys of MirrorSource.
type sourceSettings struct {
	settings
	offsetSyncs
	Topics          []string      `config:"topics"`
	TopicsExclude   []string      `config:"topics.exclude"`
	Heartbeats      bool          `config:"heartbeats.replication.enabled"`
	Replication     int           `config:"replication.factor"`
	Refresh         bool          `config:"refresh.topics.enabled"`
	RefreshEvery    int64         `config:"refresh.topics.interval.seconds"`
	SyncConfigs     bool          `config:"sync.topic.configs.enabled"`
	SyncEvery       int64         `config:"sync.topic.configs.interval.seconds"`
	PropsExclude    []string      `config:"config.properties.exclude"`
	DefaultsFrom    string        `config:"use.defaults.from"`
	SyncACLs        bool          `config:"sync.topic.acls.enabled"`
	ACLsEvery       int64         `config:"sync.topic.acls.interval.seconds"`
	OffsetLagMax    int64         `config:"offset.lag.max"`
	PollTimeout     time.Duration `config:"consumer.poll.timeout.ms"`
	Undecoded       bool          `config:"undecoded.batches.enabled"`
	TasksPartitions []string      `config:"task.assigned.partitions"`
}

func newSourceSettings(v config.Values) (s sourceSettings) {
	v.Decode(&s)
	return s
}

// offsetSyncs are the keys about the topic of offset syncs.
type offsetSyncs struct {
	EmitSyncs     bool   `config:"emit.offset-syncs.enabled"`
	SyncsLocation string `config:"offset-syncs.topic.location"`
	SyncsReplicas int    `config:"offset-syncs.topic.replication.factor"`
}

// cluster is the cluster with the topic of offset syncs.
func (o *offsetSyncs) cluster() clusters.Cluster { return clusters.Cluster(o.SyncsLocation) }

// topic is the topic, which is named after the other cluster.
func (o *offsetSyncs) topic(s *settings) kafka.Topic {
	other := s.Source
	if o.cluster() == clusters.Source {
		other = s.Target
	}
	return kafka.Topic{Name: s.policy().OffsetSyncs(other), Replication: int16(o.SyncsReplicas),
		Configs: map[string]string{"cleanup.policy": "compact"}, ReplicationKey: "offset-syncs.topic.replication.factor"}
}

// validateSource checks keys together.
func validateSource(v config.Values) (errs config.Errors) {
	s := newSourceSettings(v)
	errs = slices.Concat(s.check(), clusters.Source.Check(kafka.Consumer, v), clusters.Source.Check(kafka.Admin, v),
		clusters.Target.Check(kafka.Admin, v))
	if s.EmitSyncs {
		errs = append(errs, s.cluster().Check(kafka.Producer, v)...)
	} else {
		for _, name := range []string{"offset-syncs.topic.location", "offset-syncs.topic.replication.factor"} {
			if v.IsSet(name) {
				errs = append(errs, config.Errorf("emit.offset-syncs.enabled", "false",
					"is false, although %s is set: leave one out", name))
			}
		}
	}
	return once(errs)
}

// check says what is wrong with the names.
func (s *settings) check() (errs config.Errors) {
	if s.Source == s.Target {
		errs = append(errs, config.Errorf("target.cluster.alias", s.Target,
			"is the source.cluster.alias too: a cluster is not mirrored to itself"))
	}
	if strings.Contains(s.Source, s.Separator) {
		errs = append(errs, config.Errorf("source.cluster.alias", s.Source,
			"contains replication.policy.separator (%s), so that a topic's name does not tell where it came from", s.Separator))
	}
	return errs
}

// once leaves out errors that are the same as one before: clients of a cluster share keys.
func once(errs config.Errors) (out config.Errors) {
	for _, e := range errs {
		if !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	return out
}
