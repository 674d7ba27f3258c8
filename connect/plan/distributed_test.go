package plan_test

import (
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/plan"
)

// cluster is a distributed worker's properties with more of them, as name and value.
func cluster(more ...string) map[string]string {
	out := map[string]string{"key.converter": "JSON", "value.converter": "JSON", "group.id": "g",
		"config.storage.topic": "c", "offset.storage.topic": "o", "status.storage.topic": "s"}
	for i := 0; i < len(more); i += 2 {
		out[more[i]] = more[i+1]
	}
	return out
}

func TestADistributedWorkerHasJavasDefaults(t *testing.T) {
	w, err := plan.ParseDistributed(cluster())
	if err != nil {
		t.Fatal(err)
	}
	want := &plan.Distributed{Protocol: "sessioned", SessionTimeout: 10 * time.Second, Heartbeat: 3 * time.Second,
		RebalanceTimeout: time.Minute, SyncTimeout: 3 * time.Second, UnsyncBackoff: 5 * time.Minute,
		MaxDelay: 5 * time.Minute, LoadInterval: 5 * time.Minute, ConfigTopic: "c", ConfigReplication: 3, ConfigSettings: map[string]string{},
		StatusTopic: "s", StatusPartitions: 5, StatusReplication: 3, StatusSettings: map[string]string{},
		KeyAlgorithm: "HmacSHA256", KeyTTL: time.Hour, SignatureAlgorithm: "HmacSHA256",
		VerificationAlgorithms: []string{"HmacSHA256"}}
	if !reflect.DeepEqual(w.Distributed, want) {
		t.Errorf("ParseDistributed =\n%+v\nwant\n%+v", w.Distributed, want)
	}
	if len(w.Warnings) != 0 {
		t.Errorf("warnings = %q, want none", w.Warnings)
	}
}

func TestOtherStorageKeysAreSettingsOfTheTopic(t *testing.T) {
	w, err := plan.ParseDistributed(cluster("config.storage.min.insync.replicas", "2", "status.storage.segment.ms", "1",
		"offset.storage.vendor.cold.tier", "on", "offset.storage.cleanup.policy", "delete",
		"config.storage.partitions", "3"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ got, want map[string]string }{
		"config": {w.Distributed.ConfigSettings, map[string]string{"min.insync.replicas": "2"}},
		"status": {w.Distributed.StatusSettings, map[string]string{"segment.ms": "1"}},
		"offset": {w.OffsetSettings, map[string]string{"vendor.cold.tier": "on"}},
	} {
		if !maps.Equal(c.got, c.want) {
			t.Errorf("settings of the %s topic = %v, want %v", name, c.got, c.want)
		}
	}
	if got := strings.Join(w.Warnings, "\n"); strings.Count(got, " has no effect: the topic always ") != 1 ||
		strings.Count(got, " has no effect: the topic is always created with cleanup.policy=compact") != 1 {
		t.Errorf("warnings =\n%s\nwant one for the policy and one for the partitions", got)
	}
}

func TestADistributedWorkersKeysAreChecked(t *testing.T) {
	for name, c := range map[string]struct{ key, value, want string }{
		"no status topic":       {"status.storage.topic", "", "status.storage.topic: needed by a distributed worker"},
		"no offset topic":       {"offset.storage.topic", "", "offset.storage.topic: needed by a distributed worker"},
		"a file for connectors": {"config.storage.file.filename", "f", "keep connectors in config.storage.topic: leave it out"},
		"a file for offsets":    {"offset.storage.file.filename", "f", "keep offsets in offset.storage.topic: leave it out"},
		"one topic for two":     {"status.storage.topic", "c", "is also config.storage.topic: name another topic"},
		"a slow heartbeat":      {"heartbeat.interval.ms", "10000", "must be less than session.timeout.ms (10000)"},
		"an unknown protocol":   {"connect.protocol", "modern", "String must be one of: eager, compatible, sessioned"},
		"an unknown assignment": {"assignment.load.enable", "maybe", "assignment.load.enable"},
		"an unknown algorithm":  {"inter.worker.signature.algorithm", "HmacMD4", "String must be one of: HmacSHA1"},
		"one it does not accept": {"inter.worker.signature.algorithm", "HmacSHA512",
			"must be one of inter.worker.verification.algorithms (HmacSHA256)"},
		"none accepted": {"inter.worker.verification.algorithms", "", "Value must name at least one algorithm"},
		"a slip": {"status.storage.partition", "1",
			`Unknown configuration "status.storage.partition", did you mean "status.storage.partitions"?`},
		"another slip": {"offset.storage.topik", "x",
			`Unknown configuration "offset.storage.topik", did you mean "offset.storage.topic"?`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := plan.ParseDistributed(cluster(c.key, c.value))
			if err == nil || strings.Count(err.Error(), c.want) != 1 {
				t.Errorf("ParseDistributed with %s=%s = %v, want it to hold %q once", c.key, c.value, err, c.want)
			}
		})
	}
}

func TestAConnectorStaysOutOfWhatTheWorkersShare(t *testing.T) {
	w, err := plan.ParseDistributed(cluster("group.id", "connect-x"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		props map[string]string
		want  string
	}{
		"the workers' group": {sinkProps(), "Consumer group for sink connector named x conflicts with Connect worker group connect-x"},
		"their topic": {sinkProps("consumer.override.group.id", "other", "errors.tolerance", "all",
			"errors.deadletterqueue.topic.name", "s"), "is the worker's status.storage.topic: name another topic"},
		"their topic for offsets": {sourceProps("offsets.storage.topic", "c"),
			"is the worker's config.storage.topic: name another topic"},
		"one topic for offsets and dead letters": {sourceProps("offsets.storage.topic", "d", "errors.tolerance", "all",
			"errors.deadletterqueue.topic.name", "d"), "is also errors.deadletterqueue.topic.name: name another topic"},
	} {
		_, errs, err := plan.Compile(w, plugins(new([]*thing)), c.props)
		if err != nil || len(errs) != 1 || !strings.Contains(errs[0].Error(), c.want) {
			t.Errorf("%s: Compile = %v, %v, want one error that holds %q", name, errs, err, c.want)
		}
	}
}

func TestWhereASourceKeepsItsOffsets(t *testing.T) {
	own, away := "offsets.storage.topic", "producer.override.bootstrap.servers"
	for name, c := range map[string]struct {
		once  string
		props map[string]string
		want  string // "" for the worker's store
	}{
		"nothing said":                      {"disabled", sourceProps(), ""},
		"its own topic":                     {"disabled", sourceProps(own, "x"), "x"},
		"the worker's, by its name":         {"disabled", sourceProps(own, "o"), ""},
		"the same name in another cluster":  {"disabled", sourceProps(own, "o", away, "k:9092"), "o"},
		"records in another cluster":        {"disabled", sourceProps(away, "k:9092"), ""},
		"exactly once":                      {"enabled", sourceProps(), ""},
		"exactly once, and its own topic":   {"enabled", sourceProps(own, "x"), "x"},
		"exactly once, in another cluster":  {"enabled", sourceProps(away, "k:9092"), "o"},
		"exactly once, the brokers swapped": {"enabled", sourceProps(away, "b:1,a:1"), ""},
	} {
		w, err := plan.ParseDistributed(cluster("exactly.once.source.support", c.once, "bootstrap.servers", "a:1,b:1"))
		if err != nil {
			t.Fatal(err)
		}
		p, _ := compile(t, w, c.props)
		if got := p.Records.OffsetTopic; got != c.want || len(p.Warnings) > 0 {
			t.Errorf("%s: the topic is %q with warnings %q, want %q and none", name, got, p.Warnings, c.want)
		}
	}
}

func TestGroupAndConfigTopicMakeAWorkerDistributed(t *testing.T) {
	for _, c := range []struct {
		props map[string]string
		want  bool
	}{
		{cluster(), true},
		{cluster("group.id", " "), false},
		{cluster("config.storage.topic", ""), false},
	} {
		if got := plan.NamesGroup(c.props); got != c.want {
			t.Errorf("NamesGroup(%v) = %v, want %v", c.props, got, c.want)
		}
	}
}
