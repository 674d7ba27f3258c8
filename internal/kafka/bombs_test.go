package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/suiro/suiro/internal/confine"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/memory"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// hardLimit is what the processes of these tests may hold.
const hardLimit = 512 << 20

// brokersOf is the environment variable that tells a process under a limit where the
// broker of its test is.
const brokersOf = "SUIRO_TEST_BOMBS"

// bombs are batches that a broker takes, of which each, or all of a kind together, take
// more than a process of hardLimit has. Each kind gets a partition of its own.
func bombs(codec kgo.CompressionCodecType) []kafkatest.Bomb {
	huge, below := 240<<20, 30<<20
	if codec == kgo.CodecSnappy { // which makes zeros 21 times as small, and not thousands of times
		huge, below = 18<<20, 18<<20
	}
	return []kafkatest.Bomb{
		{Codec: codec, Records: 2, Value: huge / 2},
		{Codec: codec, Records: 200_000, Batches: 4},
		{Codec: codec, Records: 10, Headers: 1_000_000},
		{Codec: codec, Records: 1, Value: below, Batches: 15},
		{Codec: codec, Records: 140_000, Batches: 12},
		{Codec: codec, Records: 10, Headers: 50_000, Batches: 12},
	}
}

// plain are batches that are not compressed, and pass as they are.
func plain() []kafkatest.Bomb {
	return []kafkatest.Bomb{
		{Records: 110_000, Batches: 12},
		{Records: 10, Headers: 45_000, Batches: 12},
	}
}

func TestBombsStayWithinTheMemoryOfTheProcess(t *testing.T) {
	for name, kinds := range map[string][]kafkatest.Bomb{"gzip": bombs(kgo.CodecGzip), "snappy": bombs(kgo.CodecSnappy),
		"lz4": bombs(kgo.CodecLz4), "zstd": bombs(kgo.CodecZstd), "none": plain()} {
		t.Run(name, func(t *testing.T) {
			if os.Getenv(brokersOf) == "" { // the broker and what makes bombs have memory of their own
				c := kafkatest.Start(t, kfake.SeedTopics(int32(len(kinds)), "bombs"), kfake.SeedTopics(1, "honest"))
				lay(t, c.ListenAddrs(), "bombs", kinds)
				t.Setenv(brokersOf, c.ListenAddrs()[0])
			}
			if confine.Test(t, hardLimit) {
				passBombs(t, []string{os.Getenv(brokersOf)}, "bombs", "honest", kinds)
			}
		})
	}
}

// lay writes bombs to a topic, one kind to each partition.
func lay(t *testing.T, brokers []string, bombed string, kinds []kafkatest.Bomb) {
	t.Helper()
	for i, bomb := range kinds {
		bomb.Produce(t, brokers, bombed, int32(i))
	}
}

// passBombs reads a topic of bombs that lay has written, and an honest one, of which
// each record has to arrive while the bombs are read.
func passBombs(t *testing.T, brokers []string, bombed, honest string, kinds []kafkatest.Bomb) {
	t.Helper()
	budget := memory.Limit(0)
	budget.LimitRuntime()
	want := map[int32]int64{}
	for i, bomb := range kinds {
		want[int32(i)] = int64(bomb.Records * max(bomb.Batches, 1))
	}
	v, err := kafka.Consumer.Def().Parse(nil)
	if err != nil {
		t.Fatal(err)
	}
	opts, err := kafka.Consumer.Options(v, budget)
	if err != nil {
		t.Fatal(err)
	}
	opts = append(opts, kgo.SeedBrokers(brokers...), kgo.ConsumeTopics(bombed, honest),
		kgo.ConsumeStartOffset(kgo.NewOffset().AtStart()))
	client := kafkatest.Client(t, brokers, opts...)
	r := &bombReader{client: client, stops: kafka.NewStops(client), producer: kafkatest.Client(t, brokers),
		bombed: bombed, honest: honest, left: want,
		next: map[string]map[int32]kgo.EpochOffset{bombed: starts(len(kinds)), honest: starts(1)}}
	r.run(t)
}

// starts are where partitions begin.
func starts(partitions int) map[int32]kgo.EpochOffset {
	out := map[int32]kgo.EpochOffset{}
	for p := range int32(partitions) {
		out[p] = kgo.EpochOffset{Epoch: -1}
	}
	return out
}

// bombReader counts down what is left of each partition of bombs.
type bombReader struct {
	client, producer *kgo.Client
	stops            *kafka.Stops
	bombed, honest   string
	left             map[int32]int64
	next             map[string]map[int32]kgo.EpochOffset // behind what was read
	sent, came       int
}

// honestRecords is how many have to come at least.
const honestRecords = 10

func (r *bombReader) run(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*kafkatest.Patience)
	defer cancel()
	for len(r.left) > 0 || r.came < honestRecords {
		if r.came == r.sent { // the next honest record, in the middle of the bombs
			record := &kgo.Record{Topic: r.honest, Value: fmt.Append(nil, r.sent)}
			if err := r.producer.ProduceSync(ctx, record).FirstErr(); err != nil {
				t.Fatalf("produce to %s: %v", r.honest, err)
			}
			r.sent++
		}
		if r.stops.Forgotten() {
			r.stops.Resume(r.next)
		}
		fetches := r.poll(ctx)
		if ctx.Err() != nil {
			t.Fatalf("not all is read: %v of the partitions with bombs, %d of %d honest records", r.left, r.came, r.sent)
		}
		fetches.EachError(func(topic string, partition int32, err error) {
			batch, ok := kafka.TooLarge(err)
			if errors.Is(err, context.DeadlineExceeded) {
				return
			} else if !ok {
				t.Fatalf("read %s-%d: %v", topic, partition, err)
			}
			batch.Skip(r.client)
			r.stops.Skipped()
			r.next[topic][partition] = kgo.EpochOffset{Epoch: batch.Epoch, Offset: batch.Next}
			r.count(partition, batch.Records())
		})
		fetches.EachPartition(func(p kgo.FetchTopicPartition) {
			if n := len(p.Records); n > 0 {
				last := p.Records[n-1]
				r.next[p.Topic][p.Partition] = kgo.EpochOffset{Epoch: last.LeaderEpoch, Offset: last.Offset + 1}
			}
			if p.Topic == r.bombed {
				r.count(p.Partition, int64(len(p.Records)))
			} else {
				r.came += len(p.Records)
			}
		})
	}
}

// poll waits a second at most, so that a partition that was stopped in silence is noticed.
func (r *bombReader) poll(ctx context.Context) kgo.Fetches {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return r.client.PollFetches(ctx)
}

func (r *bombReader) count(partition int32, n int64) {
	if r.left[partition] -= n; r.left[partition] == 0 {
		delete(r.left, partition)
	}
}
