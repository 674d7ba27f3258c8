package mirror_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connectors/mirror/internal/formats"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	undecoded = "undecoded.batches.enabled"
	snappy    = 2 // among the codecs of Kafka's protocol
)

// large are values of which a batch is too large to be joined with others, though it is compressed.
func large(from, to int) (out []string) {
	for i := from; i < to; i++ {
		var b strings.Builder
		for j := uint32(i); b.Len() < 500; {
			j = j*1664525 + 1013904223
			fmt.Fprintf(&b, "%x", j)
		}
		out = append(out, fmt.Sprint(i, " ", b.String(), strings.Repeat("-", 500)))
	}
	return out
}

// produceSnappy writes values to a partition of a topic of east, in batches that nobody else here makes.
func (f *flow) produceSnappy(topic string, partition int32, values ...string) {
	f.t.Helper()
	cl := kafkatest.Client(f.t, f.east.ListenAddrs(), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerBatchCompression(kgo.SnappyCompression()), kgo.ProducerLinger(50*time.Millisecond))
	defer cl.Close()
	var records []*kgo.Record
	for _, v := range values {
		records = append(records, &kgo.Record{Topic: topic, Partition: partition, Value: []byte(v),
			Headers: []kgo.RecordHeader{{Key: "h", Value: []byte("1")}}})
	}
	if err := cl.ProduceSync(f.t.Context(), records...).FirstErr(); err != nil {
		f.t.Fatal(err)
	}
}

// codecs are how the records of a topic of west are compressed.
func (f *flow) codecs(topic string, n int) (out []uint8) {
	f.t.Helper()
	reader := f.west(kgo.ConsumeTopics(topic))
	defer reader.Close()
	for len(out) < n {
		for _, r := range reader.PollFetches(f.t.Context()).Records() {
			out = append(out, r.Attrs.CompressionType())
		}
	}
	return slices.Compact(out)
}

func TestBatchesAreMirroredAsTheyAre(t *testing.T) {
	for name, worker := range guarantees {
		t.Run(name, func(t *testing.T) {
			f := newFlow(t, worker, kfake.SeedTopics(2, "orders"))
			want := large(0, 100)
			f.produceSnappy("orders", 0, want...)
			f.mirror(undecoded, "true")
			if got := f.mirrored("east.orders", 100)[0]; !slices.Equal(got, want) {
				t.Errorf("east.orders has %d records %.80q, want %d", len(got), got, len(want))
			}
			f.produceSnappy("orders", 1, want...)
			if got := f.mirrored("east.orders", 200)[1]; !slices.Equal(got, want) {
				t.Errorf("east.orders has %d records %.80q, want %d", len(got), got, len(want))
			}
			if got := f.codecs("east.orders", 200); !slices.Equal(got, []uint8{snappy}) {
				t.Errorf("records have the codecs %v, want that of their original, %d", got, snappy)
			}
		})
	}
}

var guarantees = map[string]map[string]string{
	"at least once": nil,
	"exactly once":  {"exactly.once.source.support": "enabled"},
}

func TestSmallBatchesAreJoined(t *testing.T) {
	f := newFlow(t, nil, kfake.SeedTopics(1, "orders"))
	for i := range 20 {
		f.produceSnappy("orders", 0, fmt.Sprint(i))
	}
	f.mirror(undecoded, "true")
	if got, want := f.mirrored("east.orders", 20)[0], numbers(0, 20); !slices.Equal(got, want) {
		t.Errorf("east.orders has %v, want %v", got, want)
	}
	if got := f.codecs("east.orders", 20); slices.Contains(got, snappy) {
		t.Errorf("records have the codecs %v, want others than the original, as they were joined", got)
	}
}

func TestBatchesOfAKilledWorkerAreNotLost(t *testing.T) {
	for name, worker := range guarantees {
		t.Run(name, func(t *testing.T) {
			f := newFlow(t, worker, kfake.SeedTopics(2, "orders"))
			f.produceSnappy("orders", 0, large(0, 50)...)
			f.mirror(undecoded, "true")
			f.mirrored("east.orders", 20)
			for i := range 3 {
				f.produceSnappy("orders", 0, large(50+10*i, 60+10*i)...)
				f.Kill()
				f.produceSnappy("orders", 1, large(10*i, 10*i+10)...)
				f.Restart()
			}
			f.Eventually("the last record of each partition", func() bool {
				got := byPartition(f.All("east.orders"))
				return slices.Contains(got[0], large(79, 80)[0]) && slices.Contains(got[1], large(29, 30)[0])
			})
			for partition, got := range byPartition(f.All("east.orders")) {
				want := large(0, []int{80, 30}[partition])
				once := map[string]bool{}
				for _, v := range got {
					once[v] = true
				}
				if len(once) != len(want) || worker != nil && !slices.Equal(got, want) {
					t.Errorf("partition %d has %d records, %d of them different, want %d once and in order", partition, len(got),
						len(once), len(want))
				}
			}
		})
	}
}

// What was aborted upstream is not mirrored, and offset syncs tell where the batches around it are.
func TestBatchesThatWereAbortedAreLeftOut(t *testing.T) {
	f := newFlow(t, map[string]string{"exactly.once.source.support": "enabled"}, kfake.SeedTopics(1, "orders"))
	cl := kafkatest.Client(t, f.east.ListenAddrs(), kgo.TransactionalID("tx"), kgo.DefaultProduceTopic("orders"))
	var want []string
	for i := range 6 {
		if err := cl.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		values := large(10*i, 10*i+10)
		for _, v := range values {
			cl.Produce(t.Context(), kgo.StringRecord(v), nil)
		}
		if err := cl.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := cl.EndTransaction(t.Context(), kgo.TransactionEndTry(i%2 == 0)); err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			want = append(want, values...)
		}
	}
	f.mirror(undecoded, "true")
	if got := f.mirrored("east.orders", 30)[0]; !slices.Equal(got, want) {
		t.Fatalf("east.orders has %d records, want those of 3 transactions", len(got))
	}
	upstream, downstream := map[int64]string{}, map[int64]string{}
	for _, r := range kafkatest.Consume(t, f.east.ListenAddrs(), "orders", 30) {
		upstream[r.Offset] = string(r.Value)
	}
	for _, r := range f.All("east.orders") {
		downstream[r.Offset] = string(r.Value)
	}
	for _, r := range kafkatest.Consume(t, f.east.ListenAddrs(), "mm2-offset-syncs.west.internal", 3) {
		s, err := formats.ParseOffsetSync(r.Key, r.Value)
		if err != nil || upstream[s.Upstream] == "" || upstream[s.Upstream] != downstream[s.Downstream] {
			t.Errorf("offset sync %+v, %v: upstream %.20q, downstream %.20q", s, err, upstream[s.Upstream],
				downstream[s.Downstream])
		}
	}
}

// A topic that takes only smaller batches gets their records.
func TestRefusedBatchesBecomeRecords(t *testing.T) {
	for name, worker := range guarantees {
		t.Run(name, func(t *testing.T) {
			f := newFlow(t, worker, kfake.SeedTopics(1, "orders"))
			f.produce("orders", 0, "first")
			f.mirror(undecoded, "true", "sync.topic.configs.enabled", "false", "producer.override.max.request.size", "8000")
			f.mirrored("east.orders", 1)
			f.setWest("east.orders", "max.message.bytes", "10000")
			want := append([]string{"first"}, large(0, 100)...)
			f.produceSnappy("orders", 0, want[1:]...)
			f.Eventually("all records", func() bool { return len(f.All("east.orders")) >= len(want) })
			got := byPartition(f.All("east.orders"))[0]
			if !slices.Equal(slices.Compact(got), want) {
				t.Errorf("east.orders has %d records, want %d", len(got), len(want))
			}
		})
	}
}

// setWest changes the configuration of a topic of west.
func (f *flow) setWest(topic, key, value string) {
	f.t.Helper()
	cl := f.west()
	defer cl.Close()
	_, err := kadm.NewClient(cl).AlterTopicConfigs(f.t.Context(), []kadm.AlterConfig{{Name: key, Value: &value}}, topic)
	if err != nil {
		f.t.Fatal(err)
	}
}
