package mirror_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/connecttest/workertest"
	"github.com/suiro/suiro/connectors/mirror"
	"github.com/suiro/suiro/connectors/mirror/internal/formats"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// translate starts the connector of checkpoints, with more keys.
func (f *flow) translate(more ...string) {
	f.t.Helper()
	props := map[string]string{"name": "c", "connector.class": "org.apache.kafka.connect.mirror.MirrorCheckpointConnector",
		"source.cluster.alias": "east", "target.cluster.alias": "west",
		"source.cluster.bootstrap.servers": strings.Join(f.east.ListenAddrs(), ","), "errors.restart.delay.ms": "10",
		"checkpoints.topic.replication.factor": "1", "offset-syncs.topic.replication.factor": "1",
		"emit.checkpoints.interval.seconds": "1", "sync.group.offsets.interval.seconds": "1",
		"refresh.groups.interval.seconds": "1"}
	for key, value := range f.Properties() {
		props["target.cluster."+key] = value
	}
	for i := 0; i < len(more); i += 2 {
		props[more[i]] = more[i+1]
	}
	f.Start(props)
}

// commit commits an offset of a group of a cluster, and committed returns one, -1 for none.
func commit(t *testing.T, cl *kgo.Client, group, topic string, at int64) {
	t.Helper()
	offsets := kadm.Offsets{}
	offsets.Add(kadm.Offset{Topic: topic, At: at, LeaderEpoch: -1, Metadata: "m"})
	if err := kadm.NewClient(cl).CommitAllOffsets(t.Context(), group, offsets); err != nil {
		t.Fatal(err)
	}
}

func committed(t *testing.T, cl *kgo.Client, group, topic string) int64 {
	t.Helper()
	offsets, err := kadm.NewClient(cl).FetchOffsets(t.Context(), group)
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) {
		t.Fatal(err)
	}
	if o, ok := offsets.Lookup(topic, 0); ok {
		return o.At
	}
	return -1
}

// A consumer that is switched over goes on at the record at which it has stopped, or before, and never
// behind it. Aborted records make offsets of the two clusters differ.
func TestConsumersAreSwitchedOver(t *testing.T) {
	f := newFlow(t, nil, kfake.SeedTopics(1, "orders", "unmirrored"))
	east, west := kafkatest.Client(t, f.east.ListenAddrs()), f.west()
	defer west.Close()
	writer := kafkatest.Client(t, f.east.ListenAddrs(), kgo.TransactionalID("tx"), kgo.DefaultProduceTopic("orders"))
	for i, v := range numbers(0, 20) {
		if err := writer.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		if err := writer.ProduceSync(t.Context(), kgo.StringRecord(v)).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if err := writer.EndTransaction(t.Context(), kgo.TransactionEndTry(i%2 == 0)); err != nil {
			t.Fatal(err)
		}
	}
	all := kafkatest.Consume(t, f.east.ListenAddrs(), "orders", 10)
	commit(t, east, "half", "orders", all[5].Offset)
	commit(t, east, "end", "orders", all[9].Offset+1)
	commit(t, east, "other", "unmirrored", 5)
	f.mirror("topics", "orders", "offset.lag.max", "0")
	f.mirrored("east.orders", 10)
	f.translate("topics", "orders", "sync.group.offsets.enabled", "true")
	for group, want := range map[string]int{"half": 5, "end": 10} {
		f.Eventually("the offset of group "+group+" is committed on west", func() bool {
			return committed(t, west, group, "east.orders") >= 0
		})
		at := committed(t, west, group, "east.orders")
		left := slices.DeleteFunc(f.All("east.orders"), func(r workertest.Record) bool { return r.Offset < at })
		if got := workertest.Values(left); !slices.Equal(got, kafkatest.Values(all[want:])) {
			t.Errorf("group %s goes on with %v, want %v", group, got, kafkatest.Values(all[want:]))
		}
	}
	if got := committed(t, west, "other", "east.unmirrored"); got != -1 {
		t.Errorf("the group of a topic that is not mirrored has the offset %d", got)
	}
	got := map[string]formats.Checkpoint{}
	for _, r := range f.Consume("east.checkpoints.internal", 2) {
		c, err := formats.ParseCheckpoint(r.Key, r.Value)
		if err != nil {
			t.Fatal(err)
		}
		got[c.Group] = c
	}
	want := map[string]formats.Checkpoint{}
	for group, up := range map[string]int64{"half": all[5].Offset, "end": all[9].Offset + 1} {
		want[group] = formats.Checkpoint{Group: group, Topic: "east.orders", Upstream: up,
			Downstream: committed(t, west, group, "east.orders"), Metadata: "m"}
	}
	if !maps.Equal(got, want) {
		t.Errorf("checkpoints %+v, want %+v", got, want)
	}
}

// A group that has read further on the target stays there.
func TestCommittedOffsetsNeverGoBack(t *testing.T) {
	f := newFlow(t, nil, kfake.SeedTopics(1, "orders"))
	f.produce("orders", 0, numbers(0, 10)...)
	east, west := kafkatest.Client(t, f.east.ListenAddrs()), f.west()
	defer west.Close()
	commit(t, east, "g", "orders", 4)
	f.mirror("topics", "orders", "offset.lag.max", "0")
	f.mirrored("east.orders", 10)
	commit(t, west, "g", "east.orders", 8)
	f.translate("topics", "orders", "sync.group.offsets.enabled", "true")
	f.Consume("east.checkpoints.internal", 1)
	commit(t, east, "g", "orders", 9)
	f.Eventually("the offset 9 is committed", func() bool {
		at := committed(t, west, "g", "east.orders")
		if at != 8 && at != 9 {
			t.Fatalf("group g of west has the offset %d, want 8 until it has 9", at)
		}
		return at == 9
	})
}

func TestCheckpointConfigurationsAreChecked(t *testing.T) {
	for _, c := range []struct{ key, want string }{
		{"emit.checkpoints.enabled", "checkpoints are what the connector is for"},
		{"emit.offset-syncs.enabled", "offsets are translated by offset syncs"},
	} {
		_, err := check(mirror.CheckpointPlugin(), valid(c.key, "false"))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("configuration with %s=false: error %v, want %q", c.key, err, c.want)
		}
		if _, err := check(mirror.CheckpointPlugin(), valid(c.key, "false", "enabled", "false")); err != nil {
			t.Errorf("configuration with %s=false that is not enabled: error %v", c.key, err)
		}
	}
}
