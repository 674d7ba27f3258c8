package thread

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams/internal/task"
	"github.com/suiro/suiro/streams/topology"
)

// refusals are how many of the next requests of a thread to its group the broker refuses.
type refusals struct{ joins, heartbeats atomic.Int64 }

// always is more requests than a thread has the time for.
const always = 1 << 20

// refuse lets the broker refuse requests of a thread: to join, as with a member of another program,
// and heartbeats, as of a member that it does not know.
func refuse(c *kfake.Cluster) *refusals {
	var r refusals
	of := func(name *string) bool { return name != nil && *name == "thread" }
	c.ControlKey(kmsg.JoinGroup.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if !of(req.(*kmsg.JoinGroupRequest).InstanceID) || r.joins.Add(-1) < 0 {
			return nil, nil, false
		}
		resp := req.ResponseKind().(*kmsg.JoinGroupResponse)
		resp.ErrorCode = kerr.InconsistentGroupProtocol.Code
		return resp, nil, true
	})
	c.ControlKey(kmsg.Heartbeat.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if !of(req.(*kmsg.HeartbeatRequest).InstanceID) || r.heartbeats.Add(-1) < 0 {
			return nil, nil, false
		}
		resp := req.ResponseKind().(*kmsg.HeartbeatResponse)
		resp.ErrorCode = kerr.UnknownMemberID.Code
		return resp, nil, true
	})
	return &r
}

// start runs a thread until the test ends.
func start(t *testing.T, th *Thread) {
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- th.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// awaitTasks waits until a thread has so many tasks, none of which is among others.
func awaitTasks(t *testing.T, what string, th *Thread, n int, others []*task.Task) []*task.Task {
	t.Helper()
	var tasks []*task.Task
	kafkatest.Eventually(t, what, func() bool {
		tasks = th.Status().Tasks
		return len(tasks) == n && !slices.ContainsFunc(tasks, func(t *task.Task) bool { return slices.Contains(others, t) })
	})
	return tasks
}

// stall makes a thread stop between two epochs, where rebalances may take place. It goes on when
// free is called.
func stall(th *Thread) (reach func(), free func()) {
	var on atomic.Bool
	reached, freed := make(chan struct{}), make(chan struct{})
	th.o.Paused = func() bool {
		if on.Swap(false) {
			close(reached)
			<-freed
		}
		return false
	}
	return func() { on.Store(true); <-reached }, sync.OnceFunc(func() { close(freed) })
}

// A request to join that fails is a loss, of nothing. The tasks stop all the same when the thread
// loses its membership after that: nobody has to give it others first.
func TestALossAfterAFailedJoinStopsTheTasks(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(2, "in"))
	var seen atomic.Int64
	th, group := counting(t, c, true, &seen), refuse(c)
	group.joins.Store(1)
	start(t, th)
	awaitTasks(t, "the thread has both tasks", th, 2, nil)
	group.joins.Store(always)
	group.heartbeats.Store(1)
	awaitTasks(t, "the tasks are stopped", th, 0, nil)
	group.joins.Store(0)
	awaitTasks(t, "the thread has both tasks again", th, 2, nil)
}

// A request to join that fails does not abort the epoch that follows.
func TestAFailedJoinAbortsNothing(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(1, "in"))
	kafkatest.Produce(t, c.ListenAddrs(), &kgo.Record{Topic: "in", Value: []byte("v")})
	var seen atomic.Int64
	th, group := counting(t, c, true, &seen), refuse(c)
	group.joins.Store(1)
	start(t, th)
	adm := kadm.NewClient(kafkatest.Client(t, c.ListenAddrs()))
	kafkatest.Eventually(t, "the record is committed", func() bool {
		offsets, err := adm.FetchOffsets(t.Context(), "app")
		at, ok := offsets.Lookup("in", 0)
		return err == nil && ok && at.At >= 1
	})
	if seen.Load() != 1 {
		t.Errorf("the record was processed %d times, want once", seen.Load())
	}
}

// A thread may not have gone round between two losses. The second one stops its tasks too.
func TestTwoLossesInARowStopTheTasks(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(2, "in"))
	var seen atomic.Int64
	th, group := counting(t, c, true, &seen), refuse(c)
	reach, free := stall(th)
	start(t, th)
	t.Cleanup(free)
	first := awaitTasks(t, "the thread has both tasks", th, 2, nil)
	reach()
	group.heartbeats.Store(1)
	awaitTasks(t, "the thread has other tasks after a loss", th, 2, first)
	group.joins.Store(always)
	group.heartbeats.Store(1)
	awaitTasks(t, "the tasks are stopped by the second loss", th, 0, nil)
	group.joins.Store(0)
	free()
	awaitTasks(t, "the thread has both tasks again", th, 2, nil)
}

// Nor between two revocations, of which the second one takes a task too.
func TestTwoRevocationsInARowStopTheirTasks(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(3, "in"))
	var seen atomic.Int64
	th := counting(t, c, true, &seen)
	reach, free := stall(th)
	start(t, th)
	t.Cleanup(free)
	awaitTasks(t, "the thread has all tasks", th, 3, nil)
	reach()
	for others := 1; others <= 2; others++ {
		join(t, c)
		awaitTasks(t, "the thread has given up a task for member "+strconv.Itoa(others), th, 3-others, nil)
	}
	free()
	// A task goes a moment before its partition does, so the two are asked until they agree.
	kafkatest.Eventually(t, "the thread has one task, that of the one partition it has", func() bool {
		owned := th.share.where(func(string, int32) bool { return true })["in"]
		return len(owned) == 1 && th.running(th.task("in", owned[0])) != nil
	})
}

// join lets another member join the group of a thread.
func join(t *testing.T, c *kfake.Cluster) {
	t.Helper()
	kafkatest.Client(t, c.ListenAddrs(), kgo.ConsumerGroup("app"), kgo.ConsumeTopics("in"), kgo.DisableAutoCommit(),
		kgo.Balancers(kgo.CooperativeStickyBalancer()), kgo.HeartbeatInterval(50*time.Millisecond))
}

// Whatever a task writes that nobody has told to stop is not committed. It goes when the group gives
// out partitions the next time, and the others go on.
func TestATaskThatIsLeftCommitsNothing(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(1, "in", "out"))
	var strange atomic.Int64 // punctuations of the task that is left
	th := processing(t, c, true, func(ctx topology.Context) topology.Handler {
		partition := ctx.Task().Partition
		ctx.Schedule(time.Millisecond, topology.WallClockTime, func(now time.Time) error {
			strange.Add(int64(partition))
			return ctx.Emit("out", nil, strconv.AppendInt(nil, int64(partition), 10), now, nil)
		})
		return func(*topology.Record) error { return nil }
	})
	start(t, th)
	awaitTasks(t, "the thread has its task", th, 1, nil)
	left := topology.TaskID{Partition: 1} // of which the topic has none
	th.share.own(left, "in")
	th.mu.Lock()
	th.tasks[left] = th.start(left)
	th.mu.Unlock()
	kafkatest.Eventually(t, "the task that is left has worked", func() bool { return strange.Load() > 5 })
	join(t, c)
	awaitTasks(t, "the task that is left is stopped", th, 1, nil)
	for _, r := range kafkatest.Consume(t, c.ListenAddrs(), "out", 20) {
		if string(r.Value) != "0" {
			t.Fatalf("a record of task 0_%s is committed, whose partition is another member's", r.Value)
		}
	}
}
