package thread

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams/internal/group"
	"github.com/suiro/suiro/streams/internal/lag"
	"github.com/suiro/suiro/streams/internal/task"
	"github.com/suiro/suiro/streams/internal/telemetry"
	"github.com/suiro/suiro/streams/topology"
)

// counting is a thread that counts the records of topic in.
func counting(t *testing.T, c *kfake.Cluster, exactlyOnce bool, seen *atomic.Int64) *Thread {
	t.Helper()
	return processing(t, c, exactlyOnce, func(topology.Context) topology.Handler {
		return func(*topology.Record) error { seen.Add(1); return nil }
	})
}

// processing is a thread that gives the records of topic in to do, and commits every millisecond.
func processing(t *testing.T, c *kfake.Cluster, exactlyOnce bool, do func(topology.Context) topology.Handler) *Thread {
	t.Helper()
	sub := &topology.Subtopology{Sources: []topology.Source{{Topic: "in", New: do}}}
	counts, err := telemetry.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := []kgo.Opt{kgo.SeedBrokers(c.ListenAddrs()...), kgo.MetadataMinAge(10 * time.Millisecond)}
	log := slog.New(slog.DiscardHandler)
	return New(Options{
		Group: "app", Name: "thread", ExactlyOnce: exactlyOnce, Client: client,
		Member:  append(client, kgo.FetchMaxWait(10*time.Millisecond)),
		Sources: group.NewSources(map[string]int{"in": 0}), Metrics: counts, Lags: lag.New(nil), Logger: log,
		CommitInterval: time.Millisecond, TransactionTimeout: time.Minute, HeartbeatInterval: time.Minute,
		MaxPollRecords: 100, InputBytes: 1 << 20,
		Start: func(ctx context.Context, id topology.TaskID, _ task.Left, produce Produce) *task.Task {
			return task.Start(ctx, task.Options{
				ID: id, Sub: sub, ApplicationID: "app", Partitions: 3, Produce: produce,
				Topic: func(name string) string { return name }, Metrics: counts.Task(id), Logger: log,
			})
		},
	})
}

// holdSecondJoin keeps the second request of a thread to join its group until free is
// closed, as a group does that waits for other members. held is closed when it is there.
func holdSecondJoin(c *kfake.Cluster, free <-chan struct{}) (held <-chan struct{}) {
	at := make(chan struct{})
	joins := 0
	c.ControlKey(kmsg.JoinGroup.Int16(), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if name := r.(*kmsg.JoinGroupRequest).InstanceID; name == nil || *name != "thread" {
			return nil, nil, false
		}
		if joins++; joins == 2 {
			close(at)
			c.SleepControl(func() { <-free })
		}
		return nil, nil, false
	})
	return at
}

// While its group waits for other members a thread cannot commit. The tasks that it has
// process records all the same, and what they did is committed when the group has met.
func TestTasksGoOnWhileTheGroupWaitsForItsMembers(t *testing.T) {
	for name, exactlyOnce := range map[string]bool{"exactly once": true, "at least once": false} {
		t.Run(name, func(t *testing.T) {
			c := kafkatest.Start(t, kfake.SeedTopics(1, "in"))
			free := make(chan struct{})
			held := holdSecondJoin(c, free)
			var seen, written atomic.Int64
			th := counting(t, c, exactlyOnce, &seen)
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- th.Run(ctx) }()
			next := func() {
				n := written.Add(1)
				kafkatest.Produce(t, c.ListenAddrs(), &kgo.Record{Topic: "in", Value: []byte("v")})
				kafkatest.Eventually(t, fmt.Sprintf("record %d is processed", n), func() bool { return seen.Load() == n })
			}
			next()
			kafkatest.Client(t, c.ListenAddrs(), kgo.ConsumerGroup("app"), kgo.ConsumeTopics("in"),
				kgo.Balancers(kgo.CooperativeStickyBalancer()), kgo.DisableAutoCommit())
			<-held
			for range 5 {
				next() // each in a poll of its own, after more than a commit interval
			}
			close(free)
			adm := kadm.NewClient(kafkatest.Client(t, c.ListenAddrs()))
			kafkatest.Eventually(t, "all is committed", func() bool {
				offsets, err := adm.FetchOffsets(t.Context(), "app")
				at, ok := offsets.Lookup("in", 0)
				return err == nil && ok && at.At >= written.Load()
			})
			if got, want := seen.Load(), written.Load(); got != want {
				t.Errorf("%d records were processed, want %d: none twice", got, want)
			}
			stop()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}

// A thread that has nothing to commit hears of a rebalance too, long before its
// heartbeat.interval.ms is over.
func TestAThreadWithoutRecordsAsksOften(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(1, "in"))
	var asked, seen atomic.Int64
	c.ControlKey(kmsg.Heartbeat.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		asked.Add(1)
		return nil, nil, false
	})
	th := counting(t, c, true, &seen) // whose heartbeat.interval.ms is a minute
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- th.Run(ctx) }()
	kafkatest.Eventually(t, "there are five heartbeats", func() bool { return asked.Load() >= 5 })
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// An epoch that waits for the group ends before its transaction runs into its time-out.
func TestAnEpochEndsBeforeItsTransactionTimesOut(t *testing.T) {
	for _, tt := range []struct {
		joining  bool
		age      time.Duration
		goesOn   bool
		interval time.Duration
	}{
		{false, 50 * time.Millisecond, true, 100 * time.Millisecond},
		{false, 150 * time.Millisecond, false, 100 * time.Millisecond},
		{true, 4 * time.Second, true, 100 * time.Millisecond},
		{true, 6 * time.Second, false, 100 * time.Millisecond},
		{true, 9 * time.Second, true, 30 * time.Second}, // at least once, which has no transaction
	} {
		th := New(Options{CommitInterval: tt.interval, TransactionTimeout: 10 * time.Second})
		th.joining.Store(tt.joining)
		if left := th.remaining(time.Now().Add(-tt.age)); (left > 0) != tt.goesOn {
			t.Errorf("joining %v, after %v of %v: %v are left, want more than 0: %v", tt.joining, tt.age, tt.interval, left, tt.goesOn)
		}
	}
}
