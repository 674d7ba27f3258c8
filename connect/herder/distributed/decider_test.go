package distributed

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/backing/configs"
	"github.com/suiro/suiro/connect/backing/statuses"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/group"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/herder/distributed/internal/crew"
	"github.com/suiro/suiro/connect/plan"
)

// in runs a drill in a bubble.
func in(t *testing.T, f func(x *drill), names ...string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		x := newDrill(t, names...)
		defer x.stop()
		f(x)
	})
}

func (x *drill) holds(j *joining, want ...string) {
	x.t.Helper()
	if w := work(want...); !reflect.DeepEqual(j.holds, w) {
		x.t.Errorf("it says that it holds %v, want %v", j.holds, w)
	}
}

func TestAWorkerRunsWhatItIsAssigned(t *testing.T) {
	in(t, func(x *drill) {
		j := x.joined()
		x.holds(j)
		if want := x.store.Snapshot().Offset; j.offset != want {
			t.Errorf("it says that it has read up to %d, want %d", j.offset, want)
		}
		j.give(follows("a", "b-0"))
		x.runs("a b-0")
		x.stays(time.Hour)
	}, "a", "b")
}

func TestWhatIsRevokedStopsBeforeTheWorkerJoinsAgain(t *testing.T) {
	in(t, func(x *drill) {
		x.joined().give(follows("a", "a-0", "b-0"))
		x.group.become(group.Rebalancing, true)
		j := x.joined()
		x.holds(j, "a", "a-0", "b-0")
		x.runs("a a-0 b-0") // what runs goes on meanwhile
		next := follows("a", "a-0")
		next.Revoked, next.Again = work("b-0"), true
		j.give(next)
		j = x.joined() // at once
		x.runs("a a-0")
		x.holds(j, "a", "a-0")
		if s, _ := x.board.Task(api.TaskID{Connector: "b"}); s.State != api.Unassigned {
			t.Errorf("the task that was revoked is %s, want UNASSIGNED before the worker joins again", s.State)
		}
		j.give(next)
	}, "a", "b")
}

func TestAWorkerJoinsAgainAfterTheDelayOfItsAssignment(t *testing.T) {
	in(t, func(x *drill) {
		a := follows("a")
		a.Delay = 5 * time.Minute
		x.joined().give(a)
		x.stays(5*time.Minute - time.Millisecond)
		x.joined().give(follows("a", "b"))
		x.runs("a b")
	}, "a", "b")
}

func TestAWorkerThatIsBehindCatchesUpBeforeItStartsAnything(t *testing.T) {
	in(t, func(x *drill) {
		x.store.refresh = func(ctx context.Context) error {
			x.runs("")
			time.Sleep(2 * time.Second)
			return x.store.PutTarget(ctx, "a", configs.Paused)
		}
		a := follows("a", "a-0")
		a.ConfigOffset = x.store.Snapshot().Offset + 1
		j := x.joined()
		j.answer <- a
		time.Sleep(3 * time.Second)
		x.runs("a a-0")
	}, "a")
}

func TestAWorkerThatIsAheadRunsWhatItKnows(t *testing.T) {
	in(t, func(x *drill) {
		a := follows("a")
		a.ConfigOffset = x.store.Snapshot().Offset - 1
		x.joined().give(a)
		x.runs("a")
	}, "a")
}

// worker.sync.timeout.ms and worker.unsync.backoff.ms
func TestAWorkerThatCannotCatchUpLeavesForAWhile(t *testing.T) {
	in(t, func(x *drill) {
		x.joined().give(follows("a"))
		x.runs("a")
		x.group.become(group.Rebalancing, true)
		x.store.refresh = func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}
		a := follows("a")
		a.ConfigOffset = x.store.Snapshot().Offset + 1
		x.joined().give(a)
		x.runs("a") // for worker.sync.timeout.ms
		if got := x.stage.Load().what; got != "reading the config topic to its end" {
			t.Errorf("stage = %q", got)
		}
		time.Sleep(3 * time.Second)
		x.runs("")
		if x.group.left != 1 {
			t.Errorf("it has left the group %d times, want once", x.group.left)
		}
		x.stays(5*time.Minute - time.Second)
		x.store.refresh = nil
		j := x.joined()
		x.holds(j)
		j.give(follows("a"))
		x.runs("a")
	}, "a")
}

// Whoever may join the group may say anything, and the leader then divides nothing.
func TestAMemberThatClaimsToKnowMoreStopsNobody(t *testing.T) {
	in(t, func(x *drill) {
		x.joined().give(leads("a", "a-0"))
		x.runs("a a-0")
		x.group.become(group.Rebalancing, true)
		failed := leads("a", "a-0")
		failed.Failed, failed.Again, failed.ConfigOffset = true, true, 1<<62
		j := x.joined()
		for range 8 {
			j.give(failed)
			x.runs("a a-0")
			began := time.Now()
			j = x.joined()
			x.holds(j, "a", "a-0")
			if waited := time.Since(began); waited < 100*time.Millisecond || waited > 40*time.Second {
				t.Errorf("it joins again after %v, want a pause of some seconds", waited)
			}
		}
		j.give(leads("a"))
		x.runs("a")
		if x.group.left != 0 {
			t.Errorf("it has left the group %d times, want never", x.group.left)
		}
	}, "a")
}

func TestAWorkerThatIsExpelledStopsAndNamesWhatItRan(t *testing.T) {
	in(t, func(x *drill) {
		x.joined().give(leads("a", "a-0"))
		x.group.become(group.Expelled, true)
		j := x.joined()
		x.runs("")
		x.holds(j, "a", "a-0")
		j.give(group.ErrExpelled)
		j = x.joined()
		if a := x.assignment(); a.Leader != "" || a.IsLeader() {
			t.Errorf("the leader is %q, want none while the worker is in no group", a.Leader)
		}
		j.give(follows("a"))
		x.runs("a")
	}, "a")
}

func TestAJoinThatFailsIsTriedAgainAfterAPause(t *testing.T) {
	in(t, func(x *drill) {
		x.joined().give(follows("a"))
		x.group.become(group.Rebalancing, true)
		began := time.Now()
		x.joined().give(errors.New("no broker answers"))
		x.runs("a")
		j := x.joined()
		if got := time.Since(began); got < 500*time.Millisecond || got > time.Minute {
			t.Errorf("it joins again after %v, want a pause", got)
		}
		x.holds(j, "a")
		j.give(follows("a"))
	}, "a")
}

func TestAWorkerThatLeadsNoMoreSaysWhoDoes(t *testing.T) {
	in(t, func(x *drill) {
		x.joined().give(leads())
		if err := <-x.request(x.t.Context()); err != nil {
			t.Errorf("request to the leader = %v", err)
		}
		released := x.store.released
		x.group.become(group.Rebalancing, true)
		x.joined().give(follows())
		var elsewhere *herder.NotLeaderError
		if err := <-x.request(x.t.Context()); !errors.As(err, &elsewhere) || elsewhere.URL != "http://other:1/" {
			t.Errorf("request = %v, want one that names the leader", err)
		}
		if x.store.released == released {
			t.Error("it still claims the config topic")
		}
	})
}

func TestALeaderThatIsFencedJoinsAgain(t *testing.T) {
	in(t, func(x *drill) {
		x.joined().give(leads())
		err := x.lead(x.t.Context(), func(context.Context, *configs.State) error { return configs.ErrFenced })
		var elsewhere *herder.NotLeaderError
		if !errors.As(err, &elsewhere) || elsewhere.URL != "" {
			t.Errorf("request = %v, want that no leader is known", err)
		}
		x.joined().give(follows())
	})
}

func TestARequestWaitsForTheRebalance(t *testing.T) {
	in(t, func(x *drill) {
		j := x.joined()
		answer := x.request(x.t.Context())
		time.Sleep(80 * time.Second)
		j.give(leads())
		if err := <-answer; err != nil {
			t.Errorf("request = %v, want it to be answered after the rebalance", err)
		}
	})
}

// The REST API ends a request after 90 s, and says what it has waited for.
func TestARequestThatWaitsForTooLongIsNotCarriedOut(t *testing.T) {
	in(t, func(x *drill) {
		j := x.joined()
		ctx, cancel := context.WithTimeout(x.t.Context(), 90*time.Second)
		defer cancel()
		if err := <-x.request(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("request = %v, want the end of its time", err)
		}
		s := x.stage.Load()
		if s.what != "ensuring membership in the cluster" || time.Since(s.began) != 90*time.Second {
			t.Errorf("stage = %q for %v", s.what, time.Since(s.began))
		}
		j.give(leads())
	})
}

func TestTheLeaderDividesAgainSoonAfterAChange(t *testing.T) {
	in(t, func(x *drill) {
		j := x.joined()
		if _, err := x.divide(x.t.Context()); err != nil {
			t.Fatal(err)
		}
		j.give(leads("a", "a-0"))
		x.stays(time.Hour)
		began := time.Now()
		x.put("b")
		x.joined()
		if got := time.Since(began); got != gathering {
			t.Errorf("it joins again after %v, want %v", got, gathering)
		}
	}, "a")
}

// A Java worker that has not noticed that a connector was removed would go on with it.
func TestAConnectorIsMadeAgainAfterARebalanceHasTakenItAway(t *testing.T) {
	in(t, func(x *drill) {
		a := leads()
		a.Peers = []group.Peer{{MemberID: "me"}, {MemberID: "other", Owned: work("a", "a-0")}}
		x.joined().give(a)
		x.board.PutConnector("a", statuses.Status{State: api.Running, WorkerID: "other:1"})
		if err := x.store.RemoveConnector(x.t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		r := x.requests()
		free := make(chan error, 1)
		go func() {
			_, err := r.before(x.t.Context(), "a")
			free <- err
		}()
		j := x.joined()
		if _, ok := x.board.Connector("a"); !ok || len(free) > 0 {
			t.Error("the status was removed, or another connector may be made: want both after the rebalance")
		}
		a.Peers[1].Owned = work()
		j.give(a)
		if _, ok := x.board.Connector("a"); ok {
			t.Error("the status is still there after the rebalance")
		}
		if err := <-free; err != nil {
			t.Errorf("another connector cannot be made: %v", err)
		}
	}, "a")
}

// A change of offsets may wait for brokers for a minute.
func TestALongChangeOfOffsetsHoldsUpItsConnectorAlone(t *testing.T) {
	in(t, func(x *drill) {
		x.joined().give(leads())
		r := x.requests()
		if err := r.StopConnector(x.t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		changed := make(chan error)
		go func() {
			_, err := r.stopped(x.t.Context(), "a", func(context.Context, *plan.Connector) (api.Message, error) {
				return api.Message{}, <-changed
			})
			changed <- err
		}()
		synctest.Wait()
		resumed := make(chan error, 1)
		go func() { resumed <- r.Resume(x.t.Context(), "a") }()
		if err := r.Pause(x.t.Context(), "b"); err != nil {
			t.Errorf("another connector: %v", err)
		}
		x.group.become(group.Rebalancing, true)
		x.joined().give(leads("b")) // within no time
		x.runs("b")
		if len(resumed) > 0 {
			t.Error("the connector was resumed while its offsets are changed")
		}
		changed <- nil
		if err := errors.Join(<-changed, <-resumed); err != nil {
			t.Error(err)
		}
	}, "a", "b")
}

// Java workers read the status, too: its state stays RUNNING.
func TestATaskThatMakesNoProgressIsShownOnEveryWorker(t *testing.T) {
	in(t, func(x *drill) {
		ctx, cancel := context.WithCancel(x.t.Context())
		defer cancel()
		go x.reports.Insist(ctx, x.crew)
		x.joined().give(follows("a-0"))
		for _, trouble := range []string{"", "the task is stalled: its lag has grown to 7", ""} {
			x.machine.trouble.Store(trouble)
			time.Sleep(2 * time.Second)
			s, _ := x.board.Task(api.TaskID{Connector: "a"})
			if s.State != api.Running || s.Trace != trouble {
				t.Errorf("the task is %s with trace %q, want RUNNING with %q", s.State, s.Trace, trouble)
			}
		}
	}, "a")
}

func TestLoadsAreRecordsASecond(t *testing.T) {
	in(t, func(x *drill) {
		loads := crew.NewLoads(x.crew)
		ctx, cancel := context.WithCancel(x.t.Context())
		defer cancel()
		go loads.Run(ctx)
		x.joined().give(follows("a", "a-0"))
		time.Sleep(10 * time.Second)
		if got := loads.Measured(); len(got) != 0 {
			t.Errorf("loads = %v, want none before two looks", got)
		}
		time.Sleep(time.Minute)
		if got := loads.Measured(); !reflect.DeepEqual(got, map[api.TaskID]int64{{Connector: "a"}: 100}) {
			t.Errorf("loads = %v, want 100 records a second", got)
		}
		x.group.become(group.Rebalancing, true)
		x.joined().give(follows())
		time.Sleep(time.Minute)
		if got := loads.Measured(); len(got) != 0 {
			t.Errorf("loads = %v, want none of a task that is elsewhere", got)
		}
	}, "a")
}

func TestAConnectorThatFailsIsStartedAgainByTheClassOfItsFailure(t *testing.T) {
	for _, c := range []struct {
		why  error
		want int32 // starts within half a minute
	}{
		{errors.New("connection refused"), 5},
		{connect.Denied(errors.New("wrong password")), 1},
		{config.Errors{{Key: "file"}}, 1},
	} {
		in(t, func(x *drill) {
			x.machine.refuse = c.why
			x.joined().give(follows("a"))
			time.Sleep(30 * time.Second)
			if got := x.machine.starts.Load(); got != c.want && (c.want == 1 || got < c.want) {
				t.Errorf("after %v it was started %d times, want %d", c.why, got, c.want)
			}
			if s, _ := x.board.Connector("a"); s.State != api.Failed {
				t.Errorf("after %v it is %s, want FAILED", c.why, s.State)
			}
		}, "a")
	}
}

// Compaction would leave the word of the other worker alone.
func TestAWorkerRepeatsWhatALateWordOfAnotherHasCovered(t *testing.T) {
	in(t, func(x *drill) {
		ctx, cancel := context.WithCancel(x.t.Context())
		defer cancel()
		go x.reports.Insist(ctx, x.crew)
		x.joined().give(follows("a-0"))
		id := api.TaskID{Connector: "a"}
		x.board.PutTask(id, statuses.Status{State: api.Unassigned, WorkerID: "other:1"})
		if !x.board.Late(id) {
			t.Fatal("the word of the other worker is not late")
		}
		time.Sleep(2 * time.Second)
		if s, _ := x.board.Task(id); x.board.Late(id) || s.State != api.Running || s.WorkerID != "me:1" {
			t.Errorf("status = %+v, want RUNNING written again", s)
		}
	}, "a")
}
