package mirror_test

import (
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connectors/mirror"
)

// valid is a configuration with changes; an empty value removes a key.
func valid(changes ...string) map[string]string {
	props := map[string]string{"source.cluster.alias": "east", "target.cluster.alias": "west",
		"source.cluster.bootstrap.servers": "east:9092", "target.cluster.bootstrap.servers": "west:9092"}
	for i := 0; i < len(changes); i += 2 {
		props[changes[i]] = changes[i+1]
		if changes[i+1] == "" {
			delete(props, changes[i])
		}
	}
	return props
}

func TestConfigurationsAreChecked(t *testing.T) {
	for _, c := range []struct {
		changes []string
		want    string // "" for none
	}{
		{nil, ""},
		{[]string{"replication.policy.class", "org.apache.kafka.connect.mirror.IdentityReplicationPolicy"}, ""},
		{[]string{"topic.filter.class", "DefaultTopicFilter", "source.consumer.max.poll.records", "1"}, ""},
		{[]string{"source.cluster.alias", ""}, `Missing required configuration "source.cluster.alias"`},
		{[]string{"source.cluster.alias", "a b"}, "letters, digits, dots, hyphens and underscores"},
		{[]string{"source.cluster.alias", "west"}, "a cluster is not mirrored to itself"},
		{[]string{"source.cluster.alias", "eu.east"}, "contains replication.policy.separator (.)"},
		{[]string{"source.cluster.bootstrap.servers", ""}, `Missing required configuration "source.cluster.bootstrap.servers"`},
		{[]string{"target.cluster.bootstrap.servers", "west"}, "target.cluster.bootstrap.servers: must be host:port"},
		{[]string{"topics", "a,("}, "topics"},
		{[]string{"replication.factor", "0"}, "must be -1, or 1 and more"},
		{[]string{"replication.policy.class", "com.example.Policy"}, "classes of Java cannot be loaded"},
		{[]string{"offset-syncs.topic.location", "elsewhere"}, "String must be one of: source, target"},
		{[]string{"emit.offset-syncs.enabled", "false", "offset-syncs.topic.location", "target"}, "leave one out"},
	} {
		_, err := check(mirror.SourcePlugin(), valid(c.changes...))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("configuration with %q: error %v, want %q", c.changes, err, c.want)
		}
	}
}

// check parses and checks a configuration.
func check(p connect.SourcePlugin, props map[string]string) (config.Values, error) {
	v, err := connecttest.TryParse(p.Info, props)
	if err != nil {
		return v, err
	}
	return v, p.Validate(v).OrNil()
}

// The suggestions of operators come before anything is changed.
func TestOffsetsOfOperatorsAreChecked(t *testing.T) {
	partition := func(more ...any) map[string]any {
		m := map[string]any{"cluster": "east", "topic": "orders", "partition": int64(0)}
		for i := 0; i < len(more); i += 2 {
			m[more[i].(string)] = more[i+1]
		}
		return m
	}
	for _, c := range []struct {
		partition, offset map[string]any
		want              string
	}{
		{partition(), map[string]any{"offset": int64(5)}, ""},
		{map[string]any{"anything": 1}, nil, ""},
		{partition("topic", 1), map[string]any{"offset": int64(5)}, `the key "topic" must be text`},
		{partition("partition", int64(-1)), map[string]any{"offset": int64(5)}, `the key "partition" must be a whole number`},
		{partition(), map[string]any{"offset": int64(-5)}, `must have the key "offset"`},
		{partition(), map[string]any{"position": int64(5)}, `must have the key "offset"`},
	} {
		v, err := check(mirror.SourcePlugin(), valid())
		if err != nil {
			t.Fatal(err)
		}
		err = mirror.SourcePlugin().New().(connect.SourceOffsetAlterer).AlterOffsets(t.Context(), v,
			[]connect.SourceOffset{{Partition: c.partition, Offset: c.offset}})
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("AlterOffsets(%v, %v) = %v, want %q", c.partition, c.offset, err, c.want)
		}
	}
}
