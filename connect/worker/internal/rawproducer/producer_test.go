package rawproducer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/worker/internal/rawproducer"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/kafka/lz4"
	"github.com/suiro/suiro/internal/kafka/rawbatch"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// writer is a Producer with what it told.
type writer struct {
	*rawproducer.Producer
	client *kgo.Client
	topic  string
	failed chan error

	mu      sync.Mutex // guards the rest
	offsets map[int32][]int64
	acked   int
}

func newWriter(t *testing.T, brokers []string, transactionalID string, most int64) *writer {
	t.Helper()
	opts := []kgo.Opt{rawproducer.Versions()}
	if transactionalID != "" {
		opts = append(opts, kgo.TransactionalID(transactionalID))
	}
	w := &writer{client: kafkatest.Client(t, brokers, opts...), topic: "t", failed: make(chan error, 1),
		offsets: map[int32][]int64{}}
	w.Producer = rawproducer.New(rawproducer.Options{Client: w.client, TransactionalID: transactionalID, MaxBytes: most,
		Failed: func(err error) { w.failed <- err }})
	t.Cleanup(w.Close)
	w.begin(t)
	return w
}

func (w *writer) begin(t *testing.T) {
	t.Helper()
	if err := w.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// write writes a batch of two records.
func (w *writer) write(t *testing.T, partition int32, value string) error {
	t.Helper()
	now := time.UnixMilli(1000)
	b := rawbatch.Make([]*kgo.Record{{Value: []byte(value), Timestamp: now},
		{Value: []byte(value + "'"), Timestamp: now}}, lz4.New())
	batch := &connect.Batch{Topic: w.topic, Partition: partition, Bytes: b, Records: 2}
	return w.Write(t.Context(), batch, func(offset int64) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.acked++
		w.offsets[partition] = append(w.offsets[partition], offset)
	})
}

// settled waits for n batches.
func (w *writer) settled(t *testing.T, n int) {
	t.Helper()
	kafkatest.Eventually(t, fmt.Sprintf("%d batches are acknowledged", n), func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.acked == n
	})
}

func twice(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprint(i), fmt.Sprint(i, "'"))
	}
	return out
}

// answerWith makes the broker answer the first n requests with an error for each partition.
func answerWith(c *kfake.Cluster, n int32, code int16) {
	var answered atomic.Int32
	c.ControlKey(kmsg.Produce.Int16(), func(in kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if answered.Add(1) > n {
			return nil, nil, false
		}
		req := in.(*kmsg.ProduceRequest)
		resp := req.ResponseKind().(*kmsg.ProduceResponse)
		for _, t := range req.Topics {
			st := kmsg.NewProduceResponseTopic()
			st.Topic = t.Topic
			for _, p := range t.Partitions {
				sp := kmsg.NewProduceResponseTopicPartition()
				sp.Partition, sp.ErrorCode = p.Partition, code
				st.Partitions = append(st.Partitions, sp)
			}
			resp.Topics = append(resp.Topics, st)
		}
		return resp, nil, true
	})
}

func TestBatchesArriveOnceAndInOrder(t *testing.T) {
	for name, faults := range map[string]func(c *kfake.Cluster){
		"without faults":     func(*kfake.Cluster) {},
		"not the leader":     func(c *kfake.Cluster) { answerWith(c, 3, kerr.NotLeaderForPartition.Code) },
		"too few replicas":   func(c *kfake.Cluster) { answerWith(c, 2, kerr.NotEnoughReplicas.Code) },
		"closed connections": closeConnections,
	} {
		t.Run(name, func(t *testing.T) {
			c := kafkatest.Start(t, kfake.SeedTopics(2, "t"))
			w := newWriter(t, c.ListenAddrs(), "", 1<<20)
			faults(c)
			for i := range 10 {
				for partition := range int32(2) {
					if err := w.write(t, partition, fmt.Sprint(i)); err != nil {
						t.Fatal(err)
					}
				}
			}
			w.settled(t, 20)
			got := map[int32][]string{}
			for _, r := range kafkatest.Consume(t, c.ListenAddrs(), "t", 40) {
				got[r.Partition] = append(got[r.Partition], string(r.Value))
			}
			for partition := range int32(2) {
				if !slices.Equal(got[partition], twice(10)) {
					t.Errorf("partition %d has %v, want %v", partition, got[partition], twice(10))
				}
				if want := []int64{0, 2, 4, 6, 8, 10, 12, 14, 16, 18}; !slices.Equal(w.offsets[partition], want) {
					t.Errorf("offsets are %v, want %v", w.offsets[partition], want)
				}
			}
		})
	}
}

func closeConnections(c *kfake.Cluster) {
	var n atomic.Int32
	c.ControlKey(kmsg.Produce.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if n.Add(1) > 3 {
			return nil, nil, false
		}
		return nil, errors.New("closed"), true
	})
}

func TestAnswersThatEndTheWriting(t *testing.T) {
	for name, c := range map[string]struct {
		code    *kerr.Error
		refused bool
	}{
		"a sequence number":  {kerr.OutOfOrderSequenceNumber, false},
		"an unknown id":      {kerr.UnknownProducerID, false},
		"an epoch":           {kerr.InvalidProducerEpoch, false},
		"a size":             {kerr.MessageTooLarge, true},
		"a record":           {kerr.InvalidRecord, true},
		"a checksum":         {kerr.CorruptMessage, true},
		"a right of its own": {kerr.TopicAuthorizationFailed, false},
	} {
		t.Run(name, func(t *testing.T) {
			k := kafkatest.Start(t, kfake.SeedTopics(1, "t"))
			w := newWriter(t, k.ListenAddrs(), "", 1<<20)
			answerWith(k, 1, c.code.Code)
			if err := w.write(t, 0, "0"); err != nil {
				t.Fatal(err)
			}
			err := <-w.failed
			if !errors.Is(err, c.code) || errors.Is(err, rawproducer.ErrRefused) != c.refused {
				t.Errorf("the reason is %v, want %v, refused %t", err, c.code, c.refused)
			}
			if err := w.write(t, 0, "1"); !errors.Is(err, c.code) {
				t.Errorf("Write() = %v after that, want the reason", err)
			}
		})
	}
}

func TestTransactionsHaveBatchesAndRecords(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(1, "t", "offsets"))
	w := newWriter(t, c.ListenAddrs(), "tx", 1<<20)
	w.commitThree(t, "offsets")
	if got := kafkatest.Values(kafkatest.Consume(t, c.ListenAddrs(), "t", 12)); !slices.Equal(got, twice(6)) {
		t.Errorf("readers see %v, want %v", got, twice(6))
	}
}

// commitThree commits three transactions of two batches and a record of the client.
func (w *writer) commitThree(t *testing.T, offsets string) {
	t.Helper()
	for i := range 3 {
		if err := w.client.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		w.begin(t)
		for j := range 2 {
			if err := w.write(t, 0, fmt.Sprint(2*i+j)); err != nil {
				t.Fatal(err)
			}
		}
		w.settled(t, 2*i+2)
		if err := w.client.ProduceSync(t.Context(), &kgo.Record{Topic: offsets, Value: []byte("o")}).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if err := w.client.EndTransaction(t.Context(), kgo.TryCommit); err != nil {
			t.Fatal(err)
		}
	}
}

// The transaction has nothing of the client, which would not end it.
func TestAbortEndsATransactionWithBatchesAlone(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(1, "t"))
	w := newWriter(t, c.ListenAddrs(), "tx", 1<<20)
	if err := w.write(t, 0, "aborted"); err != nil {
		t.Fatal(err)
	}
	w.settled(t, 1)
	if err := w.Abort(t.Context()); err != nil {
		t.Fatal(err)
	}
	kafkatest.Produce(t, c.ListenAddrs(), &kgo.Record{Topic: "t", Value: []byte("behind")})
	if got := kafkatest.Values(kafkatest.Consume(t, c.ListenAddrs(), "t", 1)); got[0] != "behind" {
		t.Errorf("readers see %v, want what comes behind the transaction", got)
	}
}

func TestAbortOfAFencedProducerSaysSo(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(1, "t"))
	w := newWriter(t, c.ListenAddrs(), "tx", 1<<20)
	if err := w.write(t, 0, "first"); err != nil {
		t.Fatal(err)
	}
	w.settled(t, 1)
	newWriter(t, c.ListenAddrs(), "tx", 1<<20) // fences the first
	if err := w.write(t, 0, "late"); err != nil {
		t.Fatal(err)
	}
	if err := <-w.failed; err == nil {
		t.Error("a fenced producer writes on")
	}
	if err := w.Abort(t.Context()); !errors.Is(err, kerr.ProducerFenced) {
		t.Errorf("Abort() = %v, want ProducerFenced", err)
	}
}

func TestWriteWaitsForRoom(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(1, "t"))
	w := newWriter(t, c.ListenAddrs(), "", 1)
	answerWith(c, 1<<30, kerr.NotEnoughReplicas.Code)
	if err := w.write(t, 0, "0"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	b := rawbatch.Make([]*kgo.Record{{}}, lz4.New())
	if err := w.Write(ctx, &connect.Batch{Topic: "t", Bytes: b, Records: 1}, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Write() = %v, want that it waits", err)
	}
}
