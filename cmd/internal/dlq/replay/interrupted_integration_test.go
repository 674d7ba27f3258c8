//go:build integration

package replay_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"github.com/suiro/suiro/cmd/internal/dlq/cluster"
	"github.com/suiro/suiro/cmd/internal/dlq/letter"
	"github.com/suiro/suiro/cmd/internal/dlq/reader"
	"github.com/suiro/suiro/cmd/internal/dlq/replay"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

const letters = 24 // of a topic

// stage is a topic of dead letters on a real Kafka.
type stage struct {
	t       *testing.T
	brokers []string
	adm     *kadm.Client
	name    string
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, brokers: kafkatest.Real(t), name: fmt.Sprintf("dlq-%d", time.Now().UnixNano())}
	s.adm = kadm.NewClient(kafkatest.Client(t, s.brokers))
	s.create(s.rejected())
	var records []*kgo.Record
	for i := range letters {
		records = append(records, &kgo.Record{Topic: s.rejected(), Partition: int32(i % 2), Value: fmt.Appendf(nil, "%d", i),
			Headers: []kgo.RecordHeader{{Key: "__connect.errors.topic", Value: []byte("gone")},
				{Key: "__connect.errors.partition", Value: []byte("0")}, {Key: "__connect.errors.offset", Value: fmt.Append(nil, i)},
				{Key: "__connect.errors.stage", Value: []byte([]string{"ODD", "EVEN", "EVEN"}[i%3])}}})
	}
	kafkatest.Produce(t, s.brokers, records...)
	return s
}

func (s *stage) rejected() string { return s.name + "-rejected" }

func (s *stage) create(topic string) {
	s.t.Helper()
	if _, err := s.adm.CreateTopic(s.t.Context(), 2, 1, nil, topic); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if _, err := s.adm.DeleteTopics(ctx, topic); err != nil {
			s.t.Error(err)
		}
	})
}

// replay runs a replay to a topic, whose group is called like that.
func (s *stage) replay(ctx context.Context, to string, filter letter.Filter, more ...kgo.Opt) (*replay.Plan, error) {
	c, err := cluster.New(ctx, map[string]string{"bootstrap.servers": strings.Join(s.brokers, ",")}, more...)
	if err != nil {
		return nil, err
	}
	r, err := replay.Open(ctx, c, s.rejected(), to, replay.Choice{To: to, Range: reader.All, Filter: filter})
	if err != nil {
		return nil, err
	}
	defer r.Close()
	r.Letters = 5
	if _, err := r.Plan(ctx); err != nil {
		return nil, err
	}
	return r.Run(ctx)
}

// check fails the test unless readers of committed records see each of these once.
func (s *stage) check(what, topic string, want int) {
	s.t.Helper()
	kafkatest.Eventually(s.t, what+": the last transaction has ended", func() bool { return s.ended(topic) })
	cl := kafkatest.Client(s.t, s.brokers, kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())
	spans, err := reader.Spans(s.t.Context(), cl, topic)
	if err != nil {
		s.t.Fatal(err)
	}
	seen := map[string]int{}
	take := func(r *kgo.Record) (bool, error) { seen[string(r.Value)]++; return true, nil }
	if err := (reader.Reader{Record: take}).Read(s.t.Context(), cl, topic, spans); err != nil {
		s.t.Fatal(err)
	}
	for value, n := range seen {
		if n != 1 {
			s.t.Errorf("%s: record %s was put back %d times", what, value, n)
		}
	}
	if len(seen) != want {
		s.t.Errorf("%s: %d records were put back, want %d", what, len(seen), want)
	}
	cl.Close()
}

// ended reports whether no transaction is open in a topic.
func (s *stage) ended(topic string) bool {
	s.t.Helper()
	committed, err := s.adm.ListCommittedOffsets(s.t.Context(), topic)
	if err != nil || committed.Error() != nil {
		s.t.Fatal(err, committed.Error())
	}
	end, err := s.adm.ListEndOffsets(s.t.Context(), topic)
	if err != nil || end.Error() != nil {
		s.t.Fatal(err, end.Error())
	}
	same := true
	end.Each(func(o kadm.ListedOffset) {
		c, ok := committed.Lookup(topic, o.Partition)
		same = same && ok && c.Offset == o.Offset
	})
	return same
}

// cutter cuts a client off from Kafka for good, at a write of it: before the brokers have it, or before their answer.
type cutter struct {
	left   atomic.Int64 // writes until then
	after  bool
	cut    chan struct{}
	writes atomic.Int64
}

func newCutter(at int64, after bool) *cutter {
	c := &cutter{after: after, cut: make(chan struct{})}
	c.left.Store(at)
	return c
}

var errCut = errors.New("cut off")

func (c *cutter) dead() bool { return c.left.Load() <= 0 }

func (c *cutter) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if c.dead() {
		return nil, errCut
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &cutConn{conn, c}, nil
}

type cutConn struct {
	net.Conn
	cutter *cutter
}

func (c *cutConn) Write(b []byte) (int, error) {
	c.cutter.writes.Add(1)
	switch n := c.cutter.left.Add(-1); {
	case n < 0:
		return 0, errCut
	case n == 0:
		defer close(c.cutter.cut)
		if !c.cutter.after {
			c.Conn.Close()
			return 0, errCut
		}
	}
	return c.Conn.Write(b)
}

func (c *cutConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.cutter.dead() {
		c.Conn.Close()
		return 0, errCut
	}
	return n, err
}

// A replay is cut off from Kafka at each of its requests in turn, before the request arrives or before its answer does,
// as if the process were killed there. The next one goes on, and each record is put back once.
func TestReplayIsExactlyOnceWhereverItIsCutOff(t *testing.T) {
	s := newStage(t)
	whole := newCutter(1<<40, false)
	s.create(s.name + "-whole")
	if _, err := s.replay(t.Context(), s.name+"-whole", letter.Filter{}, kgo.Dialer(whole.dial)); err != nil {
		t.Fatal(err)
	}
	s.check("not cut off", s.name+"-whole", letters)
	requests := whole.writes.Load()
	t.Logf("%d requests", requests)
	var all errgroup.Group
	all.SetLimit(4)
	for at := int64(1); at <= requests; at++ {
		for _, after := range []bool{false, true} {
			to := fmt.Sprintf("%s-%d-%v", s.name, at, after)
			s.create(to)
			all.Go(func() error { return s.cutOff(at, after, to) })
		}
	}
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	for at := int64(1); at <= requests; at++ {
		for _, after := range []bool{false, true} {
			s.check(fmt.Sprintf("cut off at request %d, after it was sent: %v", at, after),
				fmt.Sprintf("%s-%d-%v", s.name, at, after), letters)
		}
	}
}

// cutOff runs a replay that is cut off, and the next one at once.
func (s *stage) cutOff(at int64, after bool, to string) error {
	c := newCutter(at, after)
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := s.replay(ctx, to, letter.Filter{}, kgo.Dialer(c.dial))
		ended <- err
	}()
	select {
	case <-c.cut:
	case err := <-ended:
		ended <- err
	}
	if _, err := s.replay(s.t.Context(), to, letter.Filter{}); err != nil {
		return fmt.Errorf("after a replay that was cut off at request %d, after it was sent: %v: %w", at, after, err)
	}
	cancel()
	<-ended
	return nil
}

// Replays with filters are interrupted at random by a person, as with Ctrl-C, and by each other.
func TestReplaysInterruptedAtRandomAreExactlyOnce(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	s := newStage(t)
	filters := []letter.Filter{{}, {Stages: []string{"ODD"}}, {Stages: []string{"EVEN"}}}
	for round := range 8 {
		to := fmt.Sprintf("%s-%d", s.name, round)
		s.create(to)
		for range 6 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rng.IntN(400))*time.Millisecond)
			ended := make(chan error, 2)
			for range 2 {
				filter := filters[rng.IntN(len(filters))]
				go func() {
					_, err := s.replay(ctx, to, filter)
					ended <- err
				}()
			}
			t.Logf("round %d: %v; %v", round, <-ended, <-ended)
			cancel()
		}
		for _, filter := range filters[1:] {
			if _, err := s.replay(t.Context(), to, filter); err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
		}
		s.check(fmt.Sprintf("round %d", round), to, letters)
		if done, err := s.replay(t.Context(), to, letter.Filter{}); err != nil || done.Letters != 0 {
			t.Errorf("round %d: all was put back, and a replay says %+v, %v", round, done, err)
		}
	}
}
