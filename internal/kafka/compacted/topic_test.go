package compacted_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/kafka/compacted"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/memory"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// values is what a reader has seen: the last value of each key, and how many
// records that took.
type values struct {
	last    map[string]string
	records int
}

func (v *values) apply(r *kgo.Record) {
	v.records++
	v.last[string(r.Key)] = string(r.Value)
}

func open(t *testing.T, c *kfake.Cluster) (*compacted.Topic, *values) {
	t.Helper()
	seen := &values{last: map[string]string{}}
	topic, err := compacted.Open(t.Context(), kafka.Topic{Name: "log", Partitions: 3, Replication: 1},
		[]kgo.Opt{kgo.SeedBrokers(c.ListenAddrs()...)}, seen.apply)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(topic.Close)
	return topic, seen
}

func write(t *testing.T, topic *compacted.Topic, key, value string) {
	t.Helper()
	if err := topic.Write(t.Context(), &kgo.Record{Key: []byte(key), Value: []byte(value)}); err != nil {
		t.Fatalf("Write: %v", err)
	}
}

func refresh(t *testing.T, topic *compacted.Topic) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), kafkatest.Patience)
	defer cancel()
	if err := topic.Refresh(ctx); err != nil {
		t.Fatalf("Refresh: %v", err)
	}
}

func TestRefreshReadsToTheEndOnce(t *testing.T) {
	c := kafkatest.Start(t)
	writer, _ := open(t, c)
	reader, seen := open(t, c)
	for round := range 3 {
		for i := range 10 {
			write(t, writer, fmt.Sprint("k", i), fmt.Sprint(round))
		}
		refresh(t, reader)
		if got, want := seen.records, 10*(round+1); got != want {
			t.Errorf("%d records are applied, want %d, each once", got, want)
		}
		if got, want := seen.last["k7"], fmt.Sprint(round); got != want {
			t.Errorf("k7 = %s after the refresh, want %s", got, want)
		}
	}
	refresh(t, reader) // nothing is new
	if got, want := seen.records, 30; got != want {
		t.Errorf("%d records are applied after a refresh without news, want %d", got, want)
	}
}

func TestRefreshReadsPartitionsThatAreNew(t *testing.T) {
	c := kafkatest.Start(t)
	reader, seen := open(t, c)
	refresh(t, reader)
	client := kafkatest.Client(t, c.ListenAddrs(), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.MetadataMinAge(100*time.Millisecond))
	if _, err := kadm.NewClient(client).CreatePartitions(t.Context(), 1, "log"); err != nil {
		t.Fatal(err)
	}
	r := &kgo.Record{Topic: "log", Partition: 3, Key: []byte("k"), Value: []byte("v")}
	if err := client.ProduceSync(t.Context(), r).FirstErr(); err != nil {
		t.Fatal(err)
	}
	kafkatest.Eventually(t, "the value in the new partition", func() bool { // brokers are asked for partitions now and then
		refresh(t, reader)
		return seen.last["k"] == "v"
	})
}

// Two writers and any number of partitions: a key's values are in one order.
func TestValuesOfAKeyStayInOnePartition(t *testing.T) {
	c := kafkatest.Start(t)
	for i := range 2 {
		topic, _ := open(t, c)
		write(t, topic, "k", fmt.Sprint(i))
	}
	records := kafkatest.Consume(t, c.ListenAddrs(), "log", 2)
	if records[0].Partition != records[1].Partition {
		t.Errorf("values of k are in the partitions %d and %d, want one", records[0].Partition, records[1].Partition)
	}
}

func TestRefreshPassesOverAbortedTransactions(t *testing.T) {
	c := kafkatest.Start(t)
	topic, seen := open(t, c)
	cl := kafkatest.Client(t, c.ListenAddrs(), kgo.TransactionalID("id"), kgo.DefaultProduceTopic("log"))
	for _, end := range []kgo.TransactionEndTry{kgo.TryCommit, kgo.TryAbort} {
		if err := cl.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		r := kgo.KeyStringRecord("k", map[kgo.TransactionEndTry]string{kgo.TryCommit: "kept", kgo.TryAbort: "aborted"}[end])
		if err := cl.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if err := cl.EndTransaction(t.Context(), end); err != nil {
			t.Fatal(err)
		}
	}
	refresh(t, topic)
	if got, want := seen.last["k"], "kept"; got != want {
		t.Errorf("k = %q, want %q", got, want)
	}
}

// Refresh does not wait for what the broker has deleted.
func TestRefreshEndsWhenTheBeginningIsGone(t *testing.T) {
	c := kafkatest.Start(t)
	topic, seen := open(t, c)
	write(t, topic, "k", "deleted")
	adm := kadm.NewClient(kafkatest.Client(t, c.ListenAddrs()))
	ends, err := adm.ListEndOffsets(t.Context(), "log")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := adm.DeleteRecords(t.Context(), ends.Offsets()); err != nil {
		t.Fatal(err)
	}
	refresh(t, topic)
	if seen.records != 0 {
		t.Errorf("%d records are applied of a topic that is empty, want none", seen.records)
	}
}

// What is behind a batch that is too large is missing, at every Refresh.
func TestRefreshReportsABatchThatIsTooLargeEachTime(t *testing.T) {
	c := kafkatest.Start(t)
	v, err := kafka.Admin.Def().Parse(map[string]string{"bootstrap.servers": strings.Join(c.ListenAddrs(), ",")})
	if err != nil {
		t.Fatal(err)
	}
	opts, err := kafka.Admin.Options(v, memory.Limit(memory.Least))
	if err != nil {
		t.Fatal(err)
	}
	topic, err := compacted.Open(t.Context(), kafka.Topic{Name: "log", Replication: 1}, opts, func(*kgo.Record) {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(topic.Close)
	kafkatest.Bomb{Codec: kgo.CodecZstd, Records: 1, Value: 8 << 20}.Produce(t, c.ListenAddrs(), "log", 0)
	for range 2 {
		var batch kafka.Batch
		if err := topic.Refresh(t.Context()); !errors.As(err, &batch) || batch.Topic != "log" || batch.Next != 1 {
			t.Errorf("Refresh = %v, want the batch that is too large", err)
		}
	}
}

func TestRefreshEndsWithItsContext(t *testing.T) {
	c := kafkatest.Start(t)
	topic, _ := open(t, c)
	write(t, topic, "k", "v")
	c.ControlKey(kmsg.Fetch.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		return nil, nil, true // no answer
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- topic.Refresh(ctx) }()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Refresh = %v, want the error of its context", err)
	}
}

func TestWriteEndsWithItsContext(t *testing.T) {
	c := kafkatest.Start(t)
	topic, _ := open(t, c)
	write(t, topic, "k", "v")
	sent := make(chan struct{}, 100)
	c.ControlKey(kmsg.Produce.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		sent <- struct{}{}
		return nil, nil, true // no answer
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- topic.Write(ctx, &kgo.Record{Key: []byte("k")}) }()
	<-sent // it cannot be called back any more
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "write to topic log") {
		t.Errorf("Write = %v, want the error of its context", err)
	}
}

func TestFollowHandsOnWhatIsWritten(t *testing.T) {
	c := kafkatest.Start(t)
	writer, _ := open(t, c)
	reader, seen := open(t, c)
	ctx, cancel := context.WithCancel(t.Context())
	batches := make(chan int, 100)
	done := make(chan error, 1)
	go func() { done <- reader.Follow(ctx, func() { batches <- seen.records }) }()
	write(t, writer, "k", "0")
	if got := <-batches; got != 1 {
		t.Errorf("%d records are applied after the first batch, want 1", got)
	}
	for i := range 20 { // while another goroutine reads
		write(t, writer, "k", fmt.Sprint(i))
		refresh(t, reader)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Follow = %v, want the error of its context", err)
	}
	if got, want := seen.records, 21; got != want {
		t.Errorf("%d records are applied, want %d, each once", got, want)
	}
	write(t, writer, "k", "last")
	refresh(t, reader) // goes on where Follow was
	if got, want := seen.last["k"], "last"; got != want || seen.records != 22 {
		t.Errorf("k = %s after %d records, want %s after 22", got, seen.records, want)
	}
}

// A Refresh that waited for one that follows takes over when that one ends.
func TestRefreshGoesOnWhenNobodyFollows(t *testing.T) {
	c := kafkatest.Start(t)
	topic, seen := open(t, c)
	write(t, topic, "k", "v")
	polled := make(chan struct{}, 100)
	c.ControlKey(kmsg.Fetch.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		select {
		case polled <- struct{}{}:
		default:
		}
		return nil, nil, false
	})
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 2)
		go func() { done <- topic.Follow(ctx, nil) }()
		<-polled
		write(t, topic, "k", "v")
		refreshed := make(chan struct{})
		go func() {
			defer close(refreshed)
			done <- topic.Refresh(t.Context())
		}()
		cancel()
		<-refreshed
		for range 2 {
			if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
		}
	}
	if got, want := seen.records, 21; got != want {
		t.Errorf("%d records are applied, want %d", got, want)
	}
}

// A broker that has just made a topic may not know it at once.
func TestOpenWaitsForTheTopicItMade(t *testing.T) {
	c := kafkatest.Start(t)
	var unknown atomic.Int64
	c.ControlKey(kmsg.Metadata.Int16(), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		req := kreq.(*kmsg.MetadataRequest)
		c.KeepControl()
		if len(req.Topics) == 0 || unknown.Add(1) > 3 {
			return nil, nil, false
		}
		resp := req.ResponseKind().(*kmsg.MetadataResponse)
		for _, asked := range req.Topics {
			topic := kmsg.NewMetadataResponseTopic()
			topic.Topic, topic.ErrorCode = asked.Topic, kerr.UnknownTopicOrPartition.Code
			resp.Topics = append(resp.Topics, topic)
		}
		return resp, nil, true
	})
	topic, seen := open(t, c)
	write(t, topic, "k", "v")
	refresh(t, topic)
	if got := unknown.Load(); got <= 3 || seen.last["k"] != "v" {
		t.Errorf("k = %q after %d questions, want v after more than 3", seen.last["k"], got)
	}
}

// A broker that is restarted while a topic is opened and read is waited for.
func TestOpenOutlastsARestart(t *testing.T) {
	kafkatest.EachRestart(t, func(t *testing.T, addr string) {
		topic, err := compacted.Open(t.Context(), kafka.Topic{Name: "log", Partitions: 1, Replication: 1},
			[]kgo.Opt{kgo.SeedBrokers(addr)}, func(*kgo.Record) {})
		if err != nil {
			t.Fatal(err)
		}
		topic.Close()
	})
}

func TestOpenMakesACompactedTopicAndRefusesOthers(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(1, "deleted"))
	opts := []kgo.Opt{kgo.SeedBrokers(c.ListenAddrs()...)}
	_, err := compacted.Open(t.Context(), kafka.Topic{Name: "deleted"}, opts, nil)
	if want := "open topic deleted: its cleanup.policy is delete"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Open = %v, want an error with %q", err, want)
	}
	for range 2 { // made, and found again
		topic, err := compacted.Open(t.Context(), kafka.Topic{Name: "made"}, opts, nil)
		if err != nil {
			t.Fatalf("Open: %v", err)
		}
		topic.Close()
	}
}
