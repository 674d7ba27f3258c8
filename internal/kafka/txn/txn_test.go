package txn_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/kafka/txn"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func client(t *testing.T, c *kfake.Cluster, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	return kafkatest.Client(t, c.ListenAddrs(), append([]kgo.Opt{kgo.TransactionalID("id"), kgo.DefaultProduceTopic("out"),
		kgo.ProducerLinger(0), kgo.MetadataMinAge(10 * time.Millisecond)}, opts...)...)
}

// write produces a value and waits for its acknowledgement.
func write(t *testing.T, cl *kgo.Client, value string) {
	t.Helper()
	if err := cl.ProduceSync(t.Context(), kgo.StringRecord(value)).FirstErr(); err != nil {
		t.Fatalf("produce %s: %v", value, err)
	}
}

// readersSee fails the test unless readers of committed records see these.
func readersSee(t *testing.T, c *kfake.Cluster, want ...string) {
	t.Helper()
	got := kafkatest.Values(kafkatest.Consume(t, c.ListenAddrs(), "out", len(want)))
	if !slices.Equal(got, want) {
		t.Errorf("readers see %q, want %q", got, want)
	}
}

func begin(t *testing.T, p *txn.Producer) {
	t.Helper()
	if err := p.Begin(t.Context()); err != nil {
		t.Fatalf("Begin: %v", err)
	}
	if !p.Open() {
		t.Error("Open = false after Begin, want true")
	}
}

// end ends a transaction, which must succeed.
func end(t *testing.T, p *txn.Producer, commit bool) {
	t.Helper()
	committed, err := p.End(t.Context(), commit)
	if err != nil || committed != commit {
		t.Fatalf("End(commit %v) = %v, %v, want %v and no error", commit, committed, err, commit)
	}
	if p.Open() {
		t.Error("Open = true after End, want false")
	}
}

func TestReadersSeeWhatWasCommittedOnly(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(1, "out"))
	cl := client(t, c)
	p := txn.New(cl)
	for _, step := range []struct {
		value  string
		commit bool
	}{{"a", true}, {"b", false}, {"c", true}} {
		begin(t, p)
		write(t, cl, step.value)
		end(t, p, step.commit)
	}
	readersSee(t, c, "a", "c")
}

// A commit includes records that are still on their way, and an abort drops them.
func TestEndWaitsForRecordsOnTheirWay(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(1, "out"))
	cl := client(t, c, kgo.ProducerLinger(time.Minute))
	p := txn.New(cl)
	for _, commit := range []bool{false, true} {
		begin(t, p)
		cl.Produce(t.Context(), kgo.StringRecord(map[bool]string{false: "dropped", true: "kept"}[commit]), nil)
		end(t, p, commit)
	}
	readersSee(t, c, "kept")
}

// refuseSequence makes the broker refuse the sequence of the nth produce request and
// say that what was written before is deleted. That is what a client sees when the
// records that it wrote were deleted.
func refuseSequence(c *kfake.Cluster, nth int) {
	c.ControlKey(kmsg.Produce.Int16(), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if nth--; nth != 0 {
			return nil, nil, false
		}
		req := r.(*kmsg.ProduceRequest)
		resp := req.ResponseKind().(*kmsg.ProduceResponse)
		for _, topic := range req.Topics {
			out := kmsg.NewProduceResponseTopic()
			out.Topic, out.TopicID = topic.Topic, topic.TopicID
			part := kmsg.NewProduceResponseTopicPartition()
			part.ErrorCode, part.BaseOffset, part.LogStartOffset = kerr.OutOfOrderSequenceNumber.Code, -1, 1000
			out.Partitions = append(out.Partitions, part)
			resp.Topics = append(resp.Topics, out)
		}
		return resp, nil, true
	})
}

func TestTransactionThatLostItsProducerIDIsNotCommitted(t *testing.T) {
	for name, grouped := range map[string]bool{"client": false, "group member": true} {
		t.Run(name, func(t *testing.T) {
			c := kafkatest.Start(t, kfake.SeedTopics(1, "in", "out"))
			refuseSequence(c, 2)
			p, cl := producer(t, c, grouped)
			begin(t, p)
			write(t, cl, "aborted by the broker")
			if err := p.Unbroken(t.Context()); err != nil {
				t.Fatalf("Unbroken = %v before the renewal, want nil", err)
			}
			write(t, cl, "written under the new id")
			if err := p.Unbroken(t.Context()); !errors.Is(err, txn.ErrRenewed) {
				t.Errorf("Unbroken = %v after the renewal, want ErrRenewed", err)
			}
			if committed, err := p.End(t.Context(), true); committed || !errors.Is(err, txn.ErrRenewed) {
				t.Errorf("End(commit) = %v, %v, want false and ErrRenewed", committed, err)
			}
			end(t, p, false)
			begin(t, p)
			write(t, cl, "again")
			end(t, p, true)
			readersSee(t, c, "again")
		})
	}
}

// producer returns a Producer of a plain client or of a member of a group.
func producer(t *testing.T, c *kfake.Cluster, grouped bool) (*txn.Producer, *kgo.Client) {
	t.Helper()
	if !grouped {
		cl := client(t, c)
		return txn.New(cl), cl
	}
	s, err := kgo.NewGroupTransactSession(kgo.SeedBrokers(c.ListenAddrs()...), kgo.TransactionalID("id"),
		kgo.DefaultProduceTopic("out"), kgo.ProducerLinger(0), kgo.MetadataMinAge(10*time.Millisecond),
		kgo.ConsumerGroup("g"), kgo.ConsumeTopics("in"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return txn.NewGroup(s), s.Client()
}

func TestFenceEndsTheTransactionOfAPredecessor(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(1, "out"))
	first := client(t, c)
	old := txn.New(first)
	begin(t, old)
	write(t, first, "of the predecessor")
	second := client(t, c)
	p := txn.New(second)
	if err := p.Fence(t.Context()); err != nil {
		t.Fatalf("Fence: %v", err)
	}
	if committed, err := old.End(t.Context(), true); committed || err == nil {
		t.Errorf("End of the predecessor = %v, %v, want an error", committed, err)
	}
	if !old.Open() {
		t.Error("Open = false after an End that failed, want true, as the outcome is not known")
	}
	begin(t, p)
	write(t, second, "of the successor")
	end(t, p, true)
	readersSee(t, c, "of the successor")
}

func TestAgeCountsFromBegin(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(1, "out"))
	p := txn.New(client(t, c))
	if got := p.Age(); got != 0 {
		t.Errorf("Age = %v before Begin, want 0", got)
	}
	before := time.Now()
	begin(t, p)
	first := p.Age()
	kafkatest.Eventually(t, "a later age", func() bool { return p.Age() > first })
	if got, most := p.Age(), time.Since(before); got > most {
		t.Errorf("Age = %v, want at most %v, the time since before Begin", got, most)
	}
	end(t, p, false)
	if got := p.Age(); got != 0 {
		t.Errorf("Age = %v after End, want 0", got)
	}
}
