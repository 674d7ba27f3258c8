package app_test

import (
	"bytes"
	"fmt"
	"maps"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/suiro/suiro/internal/confine"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/memory"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/topology"
)

// large writes records that a client with Kafka's defaults could not write: they
// compress well.
func large(t *testing.T, brokers []string, records ...*kgo.Record) {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerBatchMaxBytes(64<<20), kgo.ProducerBatchCompression(kgo.ZstdCompression()))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	if err := cl.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// headers are n headers of so many bytes each.
func headers(n, size int) (out []kgo.RecordHeader) {
	for range n {
		out = append(out, kgo.RecordHeader{Key: "h", Value: bytes.Repeat([]byte("x"), size)})
	}
	return out
}

// A record that is rejected becomes a dead letter whatever its parts are: the app never
// stops at it, and records beside it go on.
func TestADeadLetterAlwaysFits(t *testing.T) {
	zeros := func(n int) []byte { return bytes.Repeat([]byte("0"), n) }
	bad := []byte("bad")
	for name, r := range map[string]*kgo.Record{
		"headers that compress":     {Value: bad, Headers: headers(20, 100_000)},
		"many headers":              {Value: bad, Headers: headers(30_000, 60)},
		"a header with a long name": {Value: bad, Headers: []kgo.RecordHeader{{Key: string(zeros(1 << 20))}}},
		"a key near the limit":      {Value: bad, Key: zeros(1<<20 - 80)},
		"a key over the limit":      {Value: bad, Key: zeros(3 << 20)},
		"key, headers and value":    {Value: append(zeros(3<<20), bad...), Key: zeros(1 << 20), Headers: headers(5, 300_000)},
		"a timestamp far ahead":     {Value: []byte("ok"), Timestamp: time.Now().AddDate(100, 0, 0)},
	} {
		t.Run(name, func(t *testing.T) {
			brokers := cluster(t, "in", "out")
			r.Topic, r.Partition = "in", 1
			large(t, brokers, r, &kgo.Record{Topic: "in", Partition: 1, Value: []byte("good")})
			_, stop := start(t, hostilePicky(t), brokers, t.TempDir(), map[string]string{"errors.dead.letter.queue.topic.name": "dlq"})
			if got := kafkatest.Consume(t, brokers, "out", 1)[0].Value; string(got) != "GOOD" {
				t.Errorf("output %.20q, want GOOD", got)
			}
			dead := headersOf(kafkatest.Consume(t, brokers, "dlq", 1)[0])
			got := dead["__streams.errors.topic"] + "-" + dead["__streams.errors.partition"] + "@" + dead["__streams.errors.offset"]
			if got != "in-1@0" {
				t.Errorf("the dead letter is of %s, want in-1@0", got)
			}
			if err := stop(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// hostilePicky rejects values that end in "bad", and writes the others in capitals.
func hostilePicky(t *testing.T) *topology.Topology {
	t.Helper()
	return build(t, func(in *words) {
		toOut(streams.MapValues(in, func(v string) (string, error) {
			if strings.HasSuffix(v, "bad") {
				return "", streams.Reject(errBad)
			}
			return strings.ToUpper(v), nil
		}))
	})
}

// refuse lets the brokers refuse batches for a topic with a code while wrong says so.
func refuse(c *kfake.Cluster, topic string, code int16, wrong func(batch []byte) bool) *atomic.Int64 {
	var n atomic.Int64
	c.ControlKey(kmsg.Produce.Int16(), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := r.(*kmsg.ProduceRequest)
		refused := false
		resp := req.ResponseKind().(*kmsg.ProduceResponse)
		for _, rt := range req.Topics {
			st := kmsg.NewProduceResponseTopic()
			st.Topic, st.TopicID = rt.Topic, rt.TopicID
			name := rt.Topic
			if name == "" {
				if ti := c.TopicIDInfo(rt.TopicID); ti != nil {
					name = ti.Topic
				}
			}
			for _, rp := range rt.Partitions {
				sp := kmsg.NewProduceResponseTopicPartition()
				sp.Partition = rp.Partition
				sp.ErrorCode = kerr.OperationNotAttempted.Code
				if name == topic && wrong(rp.Records) {
					sp.ErrorCode, refused = code, true
				}
				st.Partitions = append(st.Partitions, sp)
			}
			resp.Topics = append(resp.Topics, st)
		}
		if !refused {
			return nil, nil, false
		}
		n.Add(1)
		return resp, nil, true
	})
	return &n
}

// early reports whether a record of a batch is more than two hours ahead of the clock.
func early(b []byte) bool {
	var batch kmsg.RecordBatch
	return batch.ReadFrom(b) == nil && time.UnixMilli(batch.MaxTimestamp).After(time.Now().Add(2*time.Hour))
}

// What a topic takes is learned from the broker that refuses a record. From then on the
// record that does not fit is rejected, and the app goes on.
func TestAppsLearnWhatTopicsTake(t *testing.T) {
	old, dlq := time.Now().AddDate(-3, 0, 0), map[string]string{"errors.dead.letter.queue.topic.name": "dlq"}
	for name, tt := range map[string]struct {
		topic string
		code  int16
		wrong func(batch []byte) bool
		bad   *kgo.Record
		dead  string
	}{
		"output too large": {"out", kerr.MessageTooLarge.Code, func(b []byte) bool { return len(b) > 40_000 },
			&kgo.Record{Value: noise(300_000)}, "is over its max.message.bytes"},
		"dead letter too large": {"dlq", kerr.MessageTooLarge.Code, func(b []byte) bool { return len(b) > 2000 },
			&kgo.Record{Value: append(noise(300_000), "bad"...)}, "bad value"},
		"output of another time": {"out", kerr.InvalidTimestamp.Code, early,
			&kgo.Record{Value: []byte("early"), Timestamp: time.Now().Add(3 * time.Hour)}, "ahead of the clock"},
		"dead letter of another time": {"dlq", kerr.InvalidTimestamp.Code, early,
			&kgo.Record{Value: []byte("bad"), Timestamp: time.Now().Add(3 * time.Hour)}, "bad value"},
		"output without a key": {"out", kerr.InvalidRecord.Code, func(b []byte) bool { return bytes.Contains(b, []byte("KEYLESS")) },
			&kgo.Record{Value: []byte("keyless"), Timestamp: old}, "without a key"},
	} {
		t.Run(name, func(t *testing.T) {
			c := kafkatest.Start(t, kfake.SeedTopics(1, "in", "out"))
			refused := refuse(c, tt.topic, tt.code, tt.wrong)
			brokers := c.ListenAddrs()
			props := maps.Clone(dlq)
			props["compression.type"] = "none"
			_, stop := start(t, keyed(t), brokers, t.TempDir(), props)
			honest := &kgo.Record{Topic: "in", Key: []byte("honest"), Value: []byte("honest")}
			tt.bad.Topic = "in"
			large(t, brokers, tt.bad)
			large(t, brokers, honest)
			dead := headersOf(kafkatest.Consume(t, brokers, "dlq", 1)[0])
			if got := dead["__streams.errors.message"]; !strings.Contains(got, tt.dead) || dead["__streams.errors.offset"] != "0" {
				t.Errorf("dead letter of offset %s: %q, want one of offset 0 with %q", dead["__streams.errors.offset"], got, tt.dead)
			}
			if got := kafkatest.Consume(t, brokers, "out", 1)[0].Value; string(got) != "HONEST" {
				t.Errorf("output %.20q, want HONEST", got)
			}
			if refused.Load() == 0 {
				t.Error("the broker refused nothing")
			}
			if err := stop(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// Two threads may meet what a topic does not take at the same time, and one of them learns first.
func TestThreadsMayLearnAtTheSameTime(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(2, "in", "out"))
	refuse(c, "out", kerr.InvalidTimestamp.Code, early)
	brokers := c.ListenAddrs()
	for p := range int32(2) {
		large(t, brokers, &kgo.Record{Topic: "in", Partition: p, Value: []byte("early"), Timestamp: time.Now().Add(3 * time.Hour)},
			&kgo.Record{Topic: "in", Partition: p, Value: []byte("honest")})
	}
	_, stop := start(t, keyed(t), brokers, t.TempDir(), map[string]string{
		"errors.dead.letter.queue.topic.name": "dlq", "num.stream.threads": "2"})
	kafkatest.Consume(t, brokers, "dlq", 2)
	same(t, "output", kafkatest.Values(kafkatest.Consume(t, brokers, "out", 2)), []string{"HONEST", "HONEST"})
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

// noise is text of n bytes.
func noise(n int) []byte { return bytes.Repeat([]byte("n"), n) }

// keyed is hostilePicky that keeps keys as they are, missing ones too.
func keyed(t *testing.T) *topology.Topology {
	t.Helper()
	return keyedOf(t, "in", "out")
}

// keyedOf is keyed that reads and writes these topics.
func keyedOf(t *testing.T, from, to string) *topology.Topology {
	t.Helper()
	b := streams.NewBuilder()
	in := streams.Stream(b, from, streams.Bytes(), streams.String())
	streams.To(streams.MapValues(in, func(v string) (string, error) {
		if strings.HasSuffix(v, "bad") {
			return "", streams.Reject(errBad)
		}
		return strings.ToUpper(v), nil
	}), to, streams.Bytes(), streams.String())
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return topo
}

// explode makes n records of so many bytes of each value "n*bytes".
func explode(t *testing.T) *topology.Topology {
	t.Helper()
	return build(t, func(in *words) {
		toOut(streams.FlatMapValues(in, explodeValue))
	})
}

func explodeValue(v string, emit func(string) error) error {
	n, size := 0, 0
	if _, err := fmt.Sscanf(v, "%d*%d", &n, &size); err != nil {
		return streams.Reject(err)
	}
	for range n {
		if err := emit(strings.Repeat("x", size)); err != nil {
			return err
		}
	}
	return nil
}

// An epoch commits when its output is enough, in the middle of what one poll brought,
// and every record counts once.
func TestEpochsOfMuchOutputCommitInTheMiddleOfAPoll(t *testing.T) {
	for _, guarantee := range []string{app.ExactlyOnceV2, app.AtLeastOnce} {
		t.Run(guarantee, func(t *testing.T) {
			brokers := kafkatest.Start(t, kfake.SeedTopics(2, "in", "out")).ListenAddrs()
			var in []*kgo.Record
			for i := range 40 {
				in = append(in, &kgo.Record{Topic: "in", Partition: int32(i % 2), Value: []byte("5*100000")})
			}
			kafkatest.Produce(t, brokers, in...)
			app, stop := start(t, explode(t), brokers, t.TempDir(), map[string]string{
				"processing.guarantee": guarantee, "commit.max.bytes": "1048576", "commit.interval.ms": "9000",
			})
			kafkatest.Consume(t, brokers, "out", 40*5)
			if err := stop(); err != nil {
				t.Fatal(err)
			}
			if got := len(kafkatest.Consume(t, brokers, "out", 40*5)); got != 200 {
				t.Errorf("%d records of output, want 200", got)
			}
			if got := gathered(t, app, "kafka_streams_thread_commit_total"); got < 10 {
				t.Errorf("%v epochs for 20 MB of output, want at least 10", got)
			}
		})
	}
}

// gathered is the sum of the series of a metric.
func gathered(t *testing.T, app *app.App, name string) (sum float64) {
	t.Helper()
	families, err := app.Metrics().Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			sum += m.GetCounter().GetValue()
		}
	}
	return sum
}

// A batch that takes too much memory once it is decompressed is a bad record like any
// other, with and without records around it.
func TestABatchThatIsTooLargeIsARejection(t *testing.T) {
	for _, guarantee := range []string{app.ExactlyOnceV2, app.AtLeastOnce} {
		t.Run(guarantee, func(t *testing.T) {
			brokers := kafkatest.Start(t, kfake.SeedTopics(1, "in", "out")).ListenAddrs()
			bomb := kafkatest.Bomb{Codec: kgo.CodecZstd, Records: 10, Value: 1 << 20}
			kafkatest.Produce(t, brokers, &kgo.Record{Topic: "in", Value: []byte("a")})
			bomb.Produce(t, brokers, "in", 0)
			kafkatest.Produce(t, brokers, &kgo.Record{Topic: "in", Value: []byte("b")})
			bomb.Produce(t, brokers, "in", 0)
			props := map[string]string{"processing.guarantee": guarantee, "memory.max.bytes": "67108864",
				"bootstrap.servers": brokers[0], "state.dir": t.TempDir(), "commit.interval.ms": "100"}
			if guarantee == app.ExactlyOnceV2 {
				says(t, fails(t, upper(t), props), "in-0@1", "offsets 1 to 10", "memory.max.bytes", "errors.dead.letter.queue.topic.name")
			}
			props["errors.dead.letter.queue.topic.name"] = "dlq"
			app, stop := start(t, upper(t), brokers, props["state.dir"], props)
			var got, dead []string
			for _, r := range kafkatest.Consume(t, brokers, "out", 2) {
				got = append(got, string(r.Value))
			}
			same(t, "output", got, []string{"A", "B"})
			for _, r := range kafkatest.Consume(t, brokers, "dlq", 2) {
				dead = append(dead, headersOf(r)["__streams.errors.offset"])
			}
			same(t, "offsets of dead letters", dead, []string{"1", "12"})
			if got := gathered(t, app, "kafka_streams_task_rejected_records_total"); got != 20 {
				t.Errorf("%v records rejected, want the 20 of two batches", got)
			}
			if err := stop(); err != nil {
				t.Fatal(err)
			}
			// What was given up is committed, so that it does not come again.
			_, stop = start(t, upper(t), brokers, props["state.dir"], props)
			kafkatest.Produce(t, brokers, &kgo.Record{Topic: "in", Value: []byte("c")})
			kafkatest.Consume(t, brokers, "out", 3)
			if err := stop(); err != nil {
				t.Fatal(err)
			}
			if got := len(kafkatest.Consume(t, brokers, "dlq", 2)); got != 2 {
				t.Errorf("%d dead letters after a restart, want 2", got)
			}
		})
	}
}

// The client drops what it has to say of one partition when it is told to go on behind a
// batch of another, and leaves the partition stopped.
func TestBatchesThatAreTooLargeInTwoPartitions(t *testing.T) {
	for _, guarantee := range []string{app.ExactlyOnceV2, app.AtLeastOnce} {
		t.Run(guarantee, func(t *testing.T) {
			const n = 12
			brokers := kafkatest.Start(t, kfake.SeedTopics(2, "in"), kfake.SeedTopics(1, "out")).ListenAddrs()
			bomb := kafkatest.Bomb{Codec: kgo.CodecZstd, Records: 10, Value: 1 << 20}
			for i := range n {
				for p := range int32(2) {
					kafkatest.Produce(t, brokers, &kgo.Record{Topic: "in", Partition: p, Value: fmt.Append(nil, "v", p, "-", i)})
					bomb.Produce(t, brokers, "in", p)
				}
			}
			_, stop := start(t, upper(t), brokers, t.TempDir(), map[string]string{"processing.guarantee": guarantee,
				"memory.max.bytes": "67108864", "commit.interval.ms": "20", "errors.dead.letter.queue.topic.name": "dlq"})
			if got := len(kafkatest.Consume(t, brokers, "out", 2*n)); got != 2*n {
				t.Errorf("%d records of output, want %d", got, 2*n)
			}
			if got := len(kafkatest.Consume(t, brokers, "dlq", 2*n)); got != 2*n {
				t.Errorf("%d dead letters, want one for each of %d batches", got, 2*n)
			}
			if err := stop(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// Batches that fill the memory for all batches are read one part after the other: a task
// does not hold on to those of its last records, nor do the records that it wrote.
func TestMoreBatchesThanFitAtOnceAreRead(t *testing.T) {
	brokers := kafkatest.Start(t, kfake.SeedTopics(1, "in", "out")).ListenAddrs()
	fair := kafkatest.Bomb{Codec: kgo.CodecZstd, Records: 3, Value: 1 << 20, Batches: 3} // a fifth of the memory each
	const n = 8
	for i := range n {
		kafkatest.Produce(t, brokers, &kgo.Record{Topic: "in", Value: fmt.Appendf(nil, "v%d", i)})
		fair.Produce(t, brokers, "in", 0)
	}
	b, text := streams.NewBuilder(), streams.String()
	short := streams.Stream(b, "in", text, text).Filter(func(_, v string) bool { return len(v) < 1<<10 })
	streams.To(streams.MapValues(short, func(v string) (string, error) { return strings.ToUpper(v), nil }), "out", text, text)
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	_, stop := start(t, topo, brokers, t.TempDir(), map[string]string{"memory.max.bytes": "67108864"})
	onceEach(t, kafkatest.Consume(t, brokers, "out", n), n)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

// Under a hard limit of memory, hostile records of one topic neither end the process
// nor hold up the honest ones of another.
func TestHostileRecordsUnderAHardLimit(t *testing.T) {
	const limit = 512 << 20
	if !confine.Test(t, limit) {
		return
	}
	memory.Limit(0).LimitRuntime()
	brokers := kafkatest.Start(t, kfake.SeedTopics(1, "hostile", "honest", "out", "made")).ListenAddrs()
	for _, b := range []kafkatest.Bomb{
		{Codec: kgo.CodecZstd, Records: 6, Value: 100 << 20}, {Codec: kgo.CodecZstd, Records: 1, Headers: 5_000_000},
		{Codec: kgo.CodecGzip, Records: 300_000}, {Codec: kgo.CodecLz4, Records: 150, Value: 1 << 20},
	} {
		b.Produce(t, brokers, "hostile", 0)
	}
	var bad, good []*kgo.Record
	for i := range 200 {
		if i < 20 {
			bad = append(bad, &kgo.Record{Topic: "hostile", Value: []byte("10000*100000")})
		}
		good = append(good, &kgo.Record{Topic: "honest", Value: fmt.Appendf(nil, "v%d", i)})
	}
	bad = append(bad, &kgo.Record{Topic: "hostile", Value: []byte("bad"), Headers: headers(20, 50_000)},
		&kgo.Record{Topic: "hostile", Key: bytes.Repeat([]byte("k"), 1<<20-200), Value: []byte("bad")},
		&kgo.Record{Topic: "hostile", Value: []byte("1*5")})
	large(t, brokers, bad...)
	large(t, brokers, good...)

	b := streams.NewBuilder()
	text := streams.String()
	exploded := streams.FlatMapValues(streams.Stream(b, "hostile", text, text), explodeValue)
	streams.To(exploded, "made", text, text)
	streams.To(streams.MapValues(streams.Stream(b, "honest", text, text), func(v string) (string, error) {
		return strings.ToUpper(v), nil
	}), "out", text, text)
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	_, stop := start(t, topo, brokers, t.TempDir(), map[string]string{"errors.dead.letter.queue.topic.name": "dlq"})
	onceEach(t, kafkatest.Consume(t, brokers, "out", 200), 200)
	kafkatest.Consume(t, brokers, "made", 1)
	if got := len(kafkatest.Consume(t, brokers, "dlq", 4+22)); got != 26 {
		t.Errorf("%d dead letters, want those of 4 batches and 22 records", got)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}
