package app_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/topology"
)

// gated is upper, but calls see with each value first.
func gated(t *testing.T, see func(string)) *topology.Topology {
	t.Helper()
	b := streams.NewBuilder()
	in := streams.Stream(b, "in", streams.String(), streams.String())
	streams.To(streams.MapValues(in, func(v string) (string, error) {
		see(v)
		return strings.ToUpper(v), nil
	}), "out", streams.String(), streams.String())
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return topo
}

// An instance that is stuck in an epoch loses its partitions. When it continues, it
// commits nothing of the epoch, and joins again.
func TestZombieCommitsNothing(t *testing.T) {
	brokers := cluster(t, "in", "out")
	props := map[string]string{"max.poll.interval.ms": "1500", "transaction.timeout.ms": "3000"}
	stuck, free := make(chan struct{}), make(chan struct{})
	var once sync.Once
	slow := gated(t, func(v string) {
		if v == "v700" {
			once.Do(func() { close(stuck) })
			<-free
		}
	})
	start(t, slow, brokers, t.TempDir(), props)
	produce(t, brokers, "in", 0, 1000)
	select {
	case <-stuck:
	case <-time.After(30 * time.Second):
		t.Fatal("the record did not come within 30s")
	}
	start(t, upper(t), brokers, t.TempDir(), props)
	// When the last record is in the output, the other instance has the partitions.
	kafkatest.Consume(t, brokers, "out", 1000)
	close(free)
	produce(t, brokers, "in", 1000, 1000)
	onceEach(t, kafkatest.Consume(t, brokers, "out", 2000), 2000)
}

// An epoch that is aborted leaves nothing behind: neither in the store, nor in
// what aggregates are cached, nor in the stream time.
func TestAbortedEpochLeavesStoreAndStreamTime(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(4, "in"))
	brokers := c.ListenAddrs()
	var commits, aborts atomic.Int64
	c.ControlKey(kmsg.TxnOffsetCommit.Int16(), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if commits.Add(1)%3 != 0 {
			return nil, nil, false
		}
		aborts.Add(1)
		return refused(r.(*kmsg.TxnOffsetCommitRequest), kerr.RebalanceInProgress), nil, true
	})

	var mu sync.Mutex
	times := map[string]time.Time{} // stream time at each record, as first seen
	app, _ := start(t, countsWithTime(t, func(v string, now time.Time) {
		mu.Lock()
		defer mu.Unlock()
		if first, again := times[v]; again && !first.Equal(now) {
			t.Errorf("stream time at %s is %v, and was %v in the aborted epoch", v, now, first)
		}
		times[v] = now
	}), brokers, t.TempDir(), map[string]string{"commit.interval.ms": "5", "max.poll.records": "50"})
	for round := range 10 {
		produce(t, brokers, "in", round*300, 300)
		want := int64(round+1) * 300
		kafkatest.Eventually(t, fmt.Sprintf("count %d", want), func() bool {
			got := total(t, app)
			if got > want {
				t.Fatalf("%d records are counted, %d were written", got, want)
			}
			return got == want
		})
	}
	if aborts.Load() < 3 {
		t.Errorf("%d of %d epochs were aborted, want at least 3", aborts.Load(), commits.Load())
	}
}

// A thread that is replaced again and again waits longer each time, unless it
// has committed something in between.
func TestReplacementIsQuickAfterACommit(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(1, "in", "out"))
	var commits atomic.Int64
	c.ControlKey(kmsg.TxnOffsetCommit.Int16(), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if n := commits.Add(1); n%2 != 0 || n > 24 {
			return nil, nil, false
		}
		return refused(r.(*kmsg.TxnOffsetCommitRequest), kerr.InvalidProducerEpoch), nil, true
	})
	produce(t, c.ListenAddrs(), "in", 0, 30)
	start(t, upper(t), c.ListenAddrs(), t.TempDir(), map[string]string{"commit.interval.ms": "1", "max.poll.records": "1"})
	onceEach(t, kafkatest.Consume(t, c.ListenAddrs(), "out", 30), 30)
}

// refused answers that offsets are not committed, and why.
func refused(req *kmsg.TxnOffsetCommitRequest, why *kerr.Error) kmsg.Response {
	resp := req.ResponseKind().(*kmsg.TxnOffsetCommitResponse)
	for _, topic := range req.Topics {
		out := kmsg.NewTxnOffsetCommitResponseTopic()
		out.Topic = topic.Topic
		for _, p := range topic.Partitions {
			part := kmsg.NewTxnOffsetCommitResponseTopicPartition()
			part.Partition, part.ErrorCode = p.Partition, why.Code
			out.Partitions = append(out.Partitions, part)
		}
		resp.Topics = append(resp.Topics, out)
	}
	return resp
}

// countsWithTime counts per key and minute, and shows the stream time at each
// record.
func countsWithTime(t *testing.T, see func(v string, now time.Time)) *topology.Topology {
	t.Helper()
	b := streams.NewBuilder()
	in := streams.Stream(b, "in", streams.String(), streams.String())
	seen := streams.Process(in, func(ctx *streams.Context[string, string]) streams.Processor[string, string] {
		return streams.ProcessorFunc[string, string](func(r *streams.Record[string, string]) error {
			see(r.Value, ctx.StreamTime())
			return ctx.Forward(r)
		})
	})
	grouped := streams.GroupByKey(seen.MarkAsPartitioned(), streams.String())
	streams.CountWindows(grouped.WindowedBy(streams.TimeWindows{Size: time.Minute, Grace: 24 * time.Hour}), "counts")
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return topo
}

// onceEach fails the test unless the values are V0 to Vn-1, each once.
func onceEach(t *testing.T, records []*kgo.Record, n int) {
	t.Helper()
	seen := map[string]int{}
	for _, r := range records {
		seen[string(r.Value)]++
	}
	for i := range n {
		if got := seen[fmt.Sprintf("V%d", i)]; got != 1 {
			t.Errorf("record %d is there %d times, want once", i, got)
		}
	}
}

// An aborted epoch goes back to where it began, even if nothing was ever committed.
// With auto.offset.reset=latest that is not the start of the topic.
func TestAbortBeforeTheFirstCommitGoesBackToTheReset(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(1, "in", "out"))
	brokers := c.ListenAddrs()
	var aborts atomic.Int64
	c.ControlKey(kmsg.TxnOffsetCommit.Int16(), func(r kmsg.Request) (kmsg.Response, error, bool) {
		aborts.Add(1)
		return refused(r.(*kmsg.TxnOffsetCommitRequest), kerr.RebalanceInProgress), nil, true
	})
	produce(t, brokers, "in", 1000, 10)
	running := make(chan struct{})
	var once sync.Once
	start(t, gated(t, func(string) { once.Do(func() { close(running) }) }), brokers, t.TempDir(),
		map[string]string{"auto.offset.reset": "latest"})
	// The offset that latest stands for is known once a record was processed.
	n := 0
	kafkatest.Eventually(t, "a record is processed", func() bool {
		produce(t, brokers, "in", n, 1)
		n++
		select {
		case <-running:
			return true
		default:
			return false
		}
	})
	produce(t, brokers, "in", n, 1)
	records := kafkatest.Consume(t, brokers, "out", 1)
	for string(records[len(records)-1].Value) != fmt.Sprintf("V%d", n) {
		records = kafkatest.Consume(t, brokers, "out", len(records)+1)
	}
	if aborts.Load() != 1 {
		t.Errorf("%d epochs were aborted, want 1", aborts.Load())
	}
	for _, r := range records {
		if len(r.Value) == len("V1000") {
			t.Errorf("%s was written before the app began", r.Value)
		}
	}
}

// A broker answers a request to join when all members have joined, or never when it
// has forgotten the member that asks. An app that stops does not wait for it.
func TestStopWhileJoining(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(1, "in", "out"))
	joining := make(chan struct{}, 100)
	c.ControlKey(kmsg.JoinGroup.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		joining <- struct{}{}
		return nil, nil, true
	})
	_, stop := start(t, upper(t), c.ListenAddrs(), t.TempDir(), nil)
	select {
	case <-joining:
	case <-time.After(30 * time.Second):
		t.Fatal("the app did not join within 30s")
	}
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	select {
	case err := <-stopped:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("the app did not stop within a minute")
	}
}

// A client whose output was deleted, as records of repartition topics are, renews its
// producer id when a sequence is refused, and sends the records again. The broker then
// aborts the open transaction, so everything that the epoch had written before must be
// written again.
func TestEpochThatLostItsProducerIDIsNotCommitted(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(1, "in", "out"))
	brokers := c.ListenAddrs()
	var written atomic.Int64 // requests of the app
	first := make(chan struct{})
	c.ControlKey(kmsg.Produce.Int16(), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := r.(*kmsg.ProduceRequest)
		if req.TransactionID == nil {
			return nil, nil, false
		}
		switch written.Add(1) {
		case 1:
			close(first)
		case 2:
			return outOfOrder(req), nil, true
		}
		return nil, nil, false
	})
	seen := make(chan string, 100)
	start(t, gated(t, func(v string) { seen <- v }), brokers, t.TempDir(), map[string]string{
		"commit.interval.ms": "1500", "linger.ms": "0",
	})
	produce(t, brokers, "in", 0, 1)
	select {
	case <-first:
	case <-time.After(30 * time.Second):
		t.Fatal("the app wrote nothing within 30s")
	}
	produce(t, brokers, "in", 1, 1)
	onceEach(t, kafkatest.Consume(t, brokers, "out", 2), 2)
	if n := written.Load(); n < 3 {
		t.Errorf("the app wrote %d times, want again after the refusal", n)
	}
}

// outOfOrder refuses the sequence of every batch, and says that what was
// written before is deleted.
func outOfOrder(req *kmsg.ProduceRequest) kmsg.Response {
	resp := req.ResponseKind().(*kmsg.ProduceResponse)
	for _, topic := range req.Topics {
		out := kmsg.NewProduceResponseTopic()
		out.Topic, out.TopicID = topic.Topic, topic.TopicID
		for _, p := range topic.Partitions {
			part := kmsg.NewProduceResponseTopicPartition()
			part.Partition, part.ErrorCode = p.Partition, kerr.OutOfOrderSequenceNumber.Code
			part.BaseOffset, part.LogStartOffset = -1, 1000
			out.Partitions = append(out.Partitions, part)
		}
		resp.Topics = append(resp.Topics, out)
	}
	return resp
}

// said passes on log lines that contain certain words.
type said struct {
	words string
	lines chan string
}

// Write implements io.Writer.
func (s said) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte(s.words)) {
		select {
		case s.lines <- string(line):
		default:
		}
	}
	return len(line), nil
}

// An app that gets no offsets because a transaction does not end logs that, and works
// once the transaction has ended.
func TestOpenTransactionInTheGroupIsTold(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(1, "in", "out"))
	var ended atomic.Bool
	c.ControlKey(kmsg.OffsetFetch.Int16(), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if ended.Load() {
			return nil, nil, false
		}
		return unstable(r.(*kmsg.OffsetFetchRequest)), nil, true
	})
	log := said{"tasks wait for the offsets of their group", make(chan string, 1)}
	app, err := app.New(upper(t), map[string]string{
		"application.id": "waiting", "bootstrap.servers": c.ListenAddrs()[0], "state.dir": t.TempDir(),
		"session.timeout.ms": "6000", "heartbeat.interval.ms": "100",
	}, &app.Options{Logger: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- app.Run(ctx) }()
	select {
	case line := <-log.lines:
		if !strings.Contains(line, "group=waiting") || !strings.Contains(line, "find-hanging") {
			t.Errorf("the app says %q, want the group and the remedy", line)
		}
	case <-time.After(30 * time.Second):
		t.Error("the app says nothing for 30s")
	}
	ended.Store(true)
	produce(t, c.ListenAddrs(), "in", 0, 1)
	kafkatest.Consume(t, c.ListenAddrs(), "out", 1)
	cancel()
	if err := <-done; err != nil {
		t.Errorf("app ended with %v", err)
	}
}

// unstable answers like a coordinator that waits for the end of a transaction.
func unstable(req *kmsg.OffsetFetchRequest) kmsg.Response {
	resp := req.ResponseKind().(*kmsg.OffsetFetchResponse)
	for _, g := range req.Groups {
		group := kmsg.NewOffsetFetchResponseGroup()
		group.Group = g.Group
		for _, t := range g.Topics {
			topic := kmsg.NewOffsetFetchResponseGroupTopic()
			topic.Topic, topic.TopicID = t.Topic, t.TopicID
			for _, p := range t.Partitions {
				part := kmsg.NewOffsetFetchResponseGroupTopicPartition()
				part.Partition, part.ErrorCode = p, kerr.UnstableOffsetCommit.Code
				topic.Partitions = append(topic.Partitions, part)
			}
			group.Topics = append(group.Topics, topic)
		}
		resp.Groups = append(resp.Groups, group)
	}
	return resp
}
