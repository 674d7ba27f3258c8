package mirror_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest/workertest"
	"github.com/suiro/suiro/connectors/mirror"
	"github.com/suiro/suiro/connectors/mirror/internal/formats"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/transforms/converters"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// flow is a worker on the cluster west, to which the cluster east is mirrored.
type flow struct {
	*workertest.Worker
	t    *testing.T
	east *kfake.Cluster
}

func newFlow(t *testing.T, worker map[string]string, east ...kfake.Opt) *flow {
	t.Helper()
	plugins := connect.Plugins{Sources: []connect.SourcePlugin{mirror.SourcePlugin(), mirror.HeartbeatPlugin(),
		mirror.CheckpointPlugin()},
		Converters: []connect.ConverterPlugin{converters.BytesPlugin()}}
	props := map[string]string{"key.converter": "ByteArrayConverter", "value.converter": "ByteArrayConverter"}
	maps.Copy(props, worker)
	return &flow{workertest.New(t, plugins, props), t, kafkatest.Start(t, append(east, kfake.ClusterID("east"))...)}
}

// mirror starts the connector from east to west, with more keys.
func (f *flow) mirror(more ...string) {
	f.t.Helper()
	props := map[string]string{"name": "m", "tasks.max": "2",
		"connector.class":      "org.apache.kafka.connect.mirror.MirrorSourceConnector",
		"source.cluster.alias": "east", "target.cluster.alias": "west",
		"source.cluster.bootstrap.servers": strings.Join(f.east.ListenAddrs(), ","),
		"replication.factor":               "1", "offset-syncs.topic.replication.factor": "1",
		"source.consumer.fetch.max.wait.ms": "50", "consumer.poll.timeout.ms": "100",
		"errors.restart.delay.ms": "10", "refresh.topics.interval.seconds": "1"}
	for key, value := range f.Properties() {
		props["target.cluster."+key] = value
	}
	for i := 0; i < len(more); i += 2 {
		props[more[i]] = more[i+1]
	}
	f.Start(props)
}

// produce writes values to a partition of a topic of east.
func (f *flow) produce(topic string, partition int32, values ...string) {
	f.t.Helper()
	records := make([]*kgo.Record, len(values))
	for i, v := range values {
		records[i] = &kgo.Record{Topic: topic, Partition: partition, Value: []byte(v)}
	}
	kafkatest.Produce(f.t, f.east.ListenAddrs(), records...)
}

func numbers(from, to int) (out []string) {
	for i := from; i < to; i++ {
		out = append(out, fmt.Sprint(i))
	}
	return out
}

// byPartition are the values of the records of each partition.
func byPartition(records []workertest.Record) map[int32][]string {
	out := map[int32][]string{}
	for _, r := range records {
		out[r.Partition] = append(out[r.Partition], string(r.Value))
	}
	return out
}

// west returns a client of the worker's Kafka.
func (f *flow) west(more ...kgo.Opt) *kgo.Client {
	f.t.Helper()
	v, err := kafka.Admin.Def().Parse(f.Properties())
	if err != nil {
		f.t.Fatal(err)
	}
	opts, err := kafka.Admin.Options(v, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	cl, err := kgo.NewClient(append(opts, more...)...)
	if err != nil {
		f.t.Fatal(err)
	}
	return cl
}

// mirrored waits until a topic of west has n records, and returns their values by partition.
func (f *flow) mirrored(topic string, n int) map[int32][]string {
	f.t.Helper()
	f.Eventually(fmt.Sprintf("topic %s has %d records", topic, n), func() bool {
		return f.exists(topic) && len(f.All(topic)) >= n
	})
	return byPartition(f.All(topic))
}

func (f *flow) exists(topic string) bool {
	cl := f.west()
	defer cl.Close()
	listed, err := kadm.NewClient(cl).ListTopics(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	return listed.Has(topic)
}

func TestRecordsAreMirroredAsTheyAre(t *testing.T) {
	f := newFlow(t, nil, kfake.SeedTopics(3, "orders"))
	want := []*kgo.Record{
		{Key: []byte("k"), Value: []byte("v"), Headers: []kgo.RecordHeader{{Key: "h", Value: []byte("1")}, {Key: "none"}}},
		{Key: []byte{}, Value: []byte{0xff, 0}},
		{Value: nil, Key: []byte("tombstone")},
	}
	for _, r := range want {
		r.Topic, r.Partition = "orders", 2
	}
	cl := kafkatest.Client(t, f.east.ListenAddrs(), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err := cl.ProduceSync(t.Context(), want...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	f.mirror()
	f.mirrored("east.orders", 3)
	reader := f.west(kgo.ConsumeTopics("east.orders"))
	defer reader.Close()
	got := reader.PollFetches(t.Context()).Records()
	for i, r := range want {
		if i >= len(got) || got[i].Partition != 2 || string(got[i].Key) != string(r.Key) || string(got[i].Value) != string(r.Value) ||
			(got[i].Value == nil) != (r.Value == nil) || !got[i].Timestamp.Equal(r.Timestamp) ||
			fmt.Sprint(got[i].Headers) != fmt.Sprint(r.Headers) {
			t.Errorf("record %d is %+v, want %+v", i, got[i], r)
		}
	}
}

func TestNewTopicsAndPartitionsAreMirrored(t *testing.T) {
	f := newFlow(t, nil, kfake.SeedTopics(1, "orders", "skipped", "__kafka", "west.back", "mm2-x.internal"))
	for _, topic := range []string{"orders", "skipped", "__kafka", "west.back", "mm2-x.internal"} {
		f.produce(topic, 0, "a")
	}
	f.mirror("topics.exclude", "skip.*, __.*")
	f.mirrored("east.orders", 1)
	adm := kadm.NewClient(kafkatest.Client(t, f.east.ListenAddrs()))
	if _, err := adm.CreateTopic(t.Context(), 2, 1, nil, "late"); err != nil {
		t.Fatal(err)
	}
	if _, err := adm.UpdatePartitions(t.Context(), 2, "orders"); err != nil {
		t.Fatal(err)
	}
	f.produce("late", 1, "b")
	f.produce("orders", 1, "c")
	if got := f.mirrored("east.late", 1); !slices.Equal(got[1], []string{"b"}) {
		t.Errorf("east.late has %v, want b in partition 1", got)
	}
	if got := f.mirrored("east.orders", 2); !slices.Equal(got[0], []string{"a"}) || !slices.Equal(got[1], []string{"c"}) {
		t.Errorf("east.orders has %v, want a in partition 0 and c in partition 1", got)
	}
	for _, topic := range []string{"east.skipped", "east.__kafka", "east.west.back", "east.mm2-x.internal"} {
		if f.exists(topic) {
			t.Errorf("topic %s was made, which is not to be mirrored", topic)
		}
	}
}

func TestMirrorLosesNothingWhenItsWorkerIsKilled(t *testing.T) {
	for name, worker := range map[string]map[string]string{
		"at least once": nil,
		"exactly once":  {"exactly.once.source.support": "enabled"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFlow(t, worker, kfake.SeedTopics(2, "orders"))
			f.produce("orders", 0, numbers(0, 50)...)
			f.produce("orders", 1, numbers(0, 50)...)
			f.mirror()
			f.mirrored("east.orders", 20)
			for i := range 3 {
				f.produce("orders", 0, numbers(50+10*i, 60+10*i)...)
				f.Kill()
				f.produce("orders", 1, numbers(50+10*i, 60+10*i)...)
				f.Restart()
			}
			f.Eventually("the last record of each partition", func() bool {
				got := byPartition(f.All("east.orders"))
				return slices.Contains(got[0], "79") && slices.Contains(got[1], "79")
			})
			for partition, got := range byPartition(f.All("east.orders")) {
				once := slices.Compact(slices.SortedFunc(slices.Values(got), byNumber))
				if want := numbers(0, 80); !slices.Equal(once, want) {
					t.Errorf("partition %d has the records %v, want %v", partition, once, want)
				}
				if worker != nil && !slices.Equal(got, numbers(0, 80)) {
					t.Errorf("partition %d has %v, want each record once and in order", partition, got)
				}
			}
		})
	}
}

func byNumber(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// What was aborted upstream is not mirrored, and the offset syncs say where records are although the
// offsets have gaps there.
func TestOffsetSyncsSayWhereRecordsAre(t *testing.T) {
	f := newFlow(t, nil, kfake.SeedTopics(1, "orders"))
	cl := kafkatest.Client(t, f.east.ListenAddrs(), kgo.TransactionalID("tx"), kgo.DefaultProduceTopic("orders"))
	for i := range 6 {
		if err := cl.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		if err := cl.ProduceSync(t.Context(), kgo.StringRecord(fmt.Sprint(i))).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if err := cl.EndTransaction(t.Context(), kgo.TransactionEndTry(i%2 == 0)); err != nil {
			t.Fatal(err)
		}
	}
	f.mirror()
	if got, want := f.mirrored("east.orders", 3)[0], []string{"0", "2", "4"}; !slices.Equal(got, want) {
		t.Fatalf("east.orders has %v, want %v", got, want)
	}
	upstream := map[int64]string{}
	for _, r := range kafkatest.Consume(t, f.east.ListenAddrs(), "orders", 3) {
		upstream[r.Offset] = string(r.Value)
	}
	downstream := map[int64]string{}
	for _, r := range f.All("east.orders") {
		downstream[r.Offset] = string(r.Value)
	}
	for _, r := range kafkatest.Consume(t, f.east.ListenAddrs(), "mm2-offset-syncs.west.internal", 3) {
		s, err := formats.ParseOffsetSync(r.Key, r.Value)
		if err != nil || s.Topic != "orders" || s.Partition != 0 || upstream[s.Upstream] == "" ||
			upstream[s.Upstream] != downstream[s.Downstream] {
			t.Errorf("offset sync %+v, %v: upstream %q, downstream %q", s, err, upstream[s.Upstream], downstream[s.Downstream])
		}
	}
}

// A topic that is deleted and made anew begins at 0 again, before the offset that is kept.
func TestTopicThatIsMadeAnewIsReadFromItsStart(t *testing.T) {
	f := newFlow(t, nil, kfake.SeedTopics(1, "orders"))
	f.produce("orders", 0, numbers(0, 10)...)
	f.mirror("refresh.topics.enabled", "false")
	f.mirrored("east.orders", 10)
	f.Stop()
	adm := kadm.NewClient(kafkatest.Client(t, f.east.ListenAddrs()))
	if _, err := adm.DeleteTopics(t.Context(), "orders"); err != nil {
		t.Fatal(err)
	}
	if _, err := adm.CreateTopic(t.Context(), 1, 1, nil, "orders"); err != nil {
		t.Fatal(err)
	}
	f.produce("orders", 0, "new")
	f.Restart()
	if got := f.mirrored("east.orders", 11)[0]; got[len(got)-1] != "new" {
		t.Errorf("east.orders has %v, want new at its end", got)
	}
}
