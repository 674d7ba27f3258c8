package mirror

import (
	"slices"
	"time"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connectors/mirror/internal/clusters"
	"github.com/suiro/suiro/connectors/mirror/internal/selection"
	"github.com/suiro/suiro/internal/kafka"
)

const groupFilter = javaPackage + "DefaultGroupFilter"

// shared names the keys that MirrorCheckpoint shares with MirrorSource.
var shared = []string{"topics", "topics.exclude", "topic.filter.class", "emit.offset-syncs.enabled",
	"offset-syncs.topic.location", "offset-syncs.topic.replication.factor", "consumer.poll.timeout.ms"}

// checkpointDef declares the keys of MirrorCheckpoint. It never changes.
var checkpointDef = config.New(slices.Concat(commonKeys(), groupKeys(),
	slices.DeleteFunc(sourceKeys(), func(k config.Key) bool { return !slices.Contains(shared, k.Name) }),
	clusters.Keys(kafka.Consumer))...)

// groupKeys are the keys about consumer groups.
func groupKeys() []config.Key {
	low := config.Low
	list := config.Func("names and regular expressions", selection.Valid)
	every := func(name string, seconds int, doc string) config.Key {
		return config.Key{Name: name, Type: config.Long, Default: seconds, Valid: config.AtLeast(1), Importance: low,
			Doc: doc}
	}
	flag := func(name string, usual bool, doc string) config.Key {
		return config.Key{Name: name, Type: config.Boolean, Default: usual, Importance: low, Doc: doc}
	}
	return []config.Key{
		{Name: "groups", Type: config.List, Default: ".*", Valid: list,
			Doc: "Consumer groups whose offsets are translated: names and regular expressions for whole names, with commas " +
				"between."},
		{Name: "groups.exclude", Type: config.List, Default: "console-consumer-.*, connect-.*, __.*", Valid: list,
			Doc: "Consumer groups whose offsets are not translated although groups chooses them."},
		{Name: "group.filter.class", Type: config.Class, Default: groupFilter, Valid: oneClass(groupFilter), Importance: low,
			Doc: "Which class chooses consumer groups."},
		flag("refresh.groups.enabled", true, "Whether to look for new consumer groups while the connector runs."),
		every("refresh.groups.interval.seconds", 600, "How often to look for new consumer groups."),
		flag("emit.checkpoints.enabled", true, "Only true: checkpoints are what the connector is for."),
		every("emit.checkpoints.interval.seconds", 60, "How often to translate the offsets of consumer groups."),
		flag("sync.group.offsets.enabled", false,
			"Whether to commit the translated offsets on the target, for groups that have no member there."),
		every("sync.group.offsets.interval.seconds", 60, "How often to commit the translated offsets."),
		{Name: "checkpoints.topic.replication.factor", Type: config.Short, Default: 3, Valid: replicas(), Importance: low,
			Doc: "How many replicas the topic of checkpoints gets; -1 is the brokers' default."},
		{Name: "task.assigned.groups", Type: config.List, Default: "", Importance: low,
			Doc: "The consumer groups of the task, which the connector sets."},
	}
}

// checkpointSettings are the keys of MirrorCheckpoint.
type checkpointSettings struct {
	settings
	offsetSyncs
	Topics        []string `config:"topics"`
	TopicsExclude []string `config:"topics.exclude"`
	Groups        []string `config:"groups"`
	GroupsExclude []string `config:"groups.exclude"`
	Refresh       bool     `config:"refresh.groups.enabled"`
	RefreshEvery  int64    `config:"refresh.groups.interval.seconds"`
	Emit          bool     `config:"emit.checkpoints.enabled"`
	EmitEvery     int64    `config:"emit.checkpoints.interval.seconds"`
	Sync          bool     `config:"sync.group.offsets.enabled"`
	SyncEvery     int64    `config:"sync.group.offsets.interval.seconds"`
	Replicas      int      `config:"checkpoints.topic.replication.factor"`
	TasksGroups   []string `config:"task.assigned.groups"`

	topics, groups selection.Selection
}

func newCheckpointSettings(v config.Values) (s checkpointSettings, err error) {
	v.Decode(&s)
	if s.topics, err = selection.New(s.Topics, s.TopicsExclude); err == nil {
		s.groups, err = selection.New(s.Groups, s.GroupsExclude)
	}
	return s, err
}

// checkpoints is the topic of checkpoints.
func (s *checkpointSettings) checkpoints() kafka.Topic {
	return kafka.Topic{Name: s.policy().Checkpoints(s.Source), Replication: int16(s.Replicas),
		Configs: map[string]string{"cleanup.policy": "compact"}, ReplicationKey: "checkpoints.topic.replication.factor"}
}

// interval is the time between two looks at the offsets of groups.
func (s *checkpointSettings) interval() time.Duration { return seconds(s.EmitEvery) }

func validateCheckpoint(v config.Values) config.Errors {
	s, _ := newCheckpointSettings(v)
	errs := slices.Concat(s.check(), clusters.Source.Check(kafka.Admin, v), clusters.Target.Check(kafka.Admin, v),
		clusters.Target.Check(kafka.Consumer, v), s.cluster().Check(kafka.Consumer, v))
	if s.Enabled && !s.Emit {
		errs = append(errs, config.Errorf("emit.checkpoints.enabled", "false", "is false, and checkpoints are what the "+
			"connector is for: leave the connector out"))
	}
	if s.Enabled && !s.EmitSyncs {
		errs = append(errs, config.Errorf("emit.offset-syncs.enabled", "false",
			"is false, and offsets are translated by offset syncs"))
	}
	return once(errs)
}
