package group_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/group"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// joined returns a member that has all the work, and the cluster.
func joined(t *testing.T, change func(*group.Options)) (*kfake.Cluster, *group.Member, group.Assignment) {
	t.Helper()
	k, c := kafkatest.Start(t, kfake.GroupMinSessionTimeout(0)), &cluster{state: state(7, 1, 2)}
	o := group.Options{Group: "connect-cluster", URL: "http://a:1", State: c.get, Protocol: group.Sessioned,
		Heartbeat: 10 * time.Millisecond, MaxDelay: time.Minute}
	if change != nil {
		change(&o)
	}
	m := group.New(kafkatest.Client(t, k.ListenAddrs()), o)
	t.Cleanup(func() { _ = m.Leave(context.Background()) })
	a, err := m.Join(t.Context(), 7, group.Work{})
	if err != nil {
		t.Fatal(err)
	}
	return k, m, a
}

// answer has the broker answer each request of a kind with an error, until the
// function returns nil.
func answer(k *kfake.Cluster, to kmsg.Request, with func() *kerr.Error) {
	k.ControlKey(to.Key(), func(req kmsg.Request) (kmsg.Response, error, bool) {
		k.KeepControl()
		e := with()
		if e == nil {
			return nil, nil, false
		}
		resp := req.ResponseKind()
		switch r := resp.(type) {
		case *kmsg.HeartbeatResponse:
			r.ErrorCode = e.Code
		case *kmsg.JoinGroupResponse:
			r.ErrorCode = e.Code
		case *kmsg.SyncGroupResponse:
			r.ErrorCode = e.Code
		}
		return resp, nil, true
	})
}

func always(e *kerr.Error) func() *kerr.Error { return func() *kerr.Error { return e } }

// once is an error the first time.
func once(e *kerr.Error) func() *kerr.Error {
	done := false
	return func() *kerr.Error {
		if done {
			return nil
		}
		done = true
		return e
	}
}

func waitFor(t *testing.T, m *group.Member, want group.Standing) {
	t.Helper()
	select {
	case <-m.Rejoin():
	case <-time.After(kafkatest.Patience):
		t.Fatalf("nothing asks the member to join again; it is %v", m.Standing())
	}
	if got := m.Standing(); got != want {
		t.Errorf("standing = %v, want %v", got, want)
	}
}

func TestAHeartbeatTellsARebalanceFromAnExpulsion(t *testing.T) {
	for _, c := range []struct {
		err  *kerr.Error
		want group.Standing
	}{
		{kerr.RebalanceInProgress, group.Rebalancing},
		{kerr.UnknownMemberID, group.Expelled},
		{kerr.IllegalGeneration, group.Expelled},
		{kerr.FencedInstanceID, group.Expelled},
	} {
		t.Run(c.err.Message, func(t *testing.T) {
			k, m, _ := joined(t, nil)
			answer(k, &kmsg.HeartbeatRequest{}, always(c.err))
			waitFor(t, m, c.want)
		})
	}
}

func TestAMemberThatReachesNobodyForTheSessionTimeoutIsExpelled(t *testing.T) {
	k, m, a := joined(t, func(o *group.Options) { o.SessionTimeout = 300 * time.Millisecond })
	k.Close()
	waitFor(t, m, group.Expelled)
	if _, err := m.Join(expired(t), 7, a.Owned); err == nil {
		t.Error("Join without a broker = nil, want an error")
	}
}

func expired(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

func TestAJoinThatReachesNobodyForTheSessionTimeoutSaysSo(t *testing.T) {
	k, m, a := joined(t, func(o *group.Options) { o.SessionTimeout = 300 * time.Millisecond })
	answer(k, &kmsg.HeartbeatRequest{}, always(kerr.CoordinatorNotAvailable))
	k.ControlKey((&kmsg.JoinGroupRequest{}).Key(), func(kmsg.Request) (kmsg.Response, error, bool) {
		k.SleepControl(func() { <-t.Context().Done() })
		return nil, errors.New("too late"), true
	})
	if _, err := m.Join(t.Context(), 7, a.Owned); !errors.Is(err, group.ErrExpelled) {
		t.Errorf("Join = %v, want ErrExpelled", err)
	}
	if got := m.Standing(); got != group.Expelled {
		t.Errorf("standing = %v, want expelled", got)
	}
}

func TestWhoIsExpelledWhileJoiningMayNameItsWorkAgain(t *testing.T) {
	for _, request := range []kmsg.Request{&kmsg.JoinGroupRequest{}, &kmsg.SyncGroupRequest{}} {
		k, m, a := joined(t, func(o *group.Options) { o.RebalanceTimeout = 500 * time.Millisecond })
		answer(k, request, once(kerr.UnknownMemberID))
		if _, err := m.Join(t.Context(), 7, a.Owned); !errors.Is(err, group.ErrExpelled) {
			t.Fatalf("Join = %v, want ErrExpelled", err)
		}
		got, err := m.Join(t.Context(), 7, a.Owned)
		if err != nil || len(got.Owned.Tasks) != 2 || got.MemberID == a.MemberID || got.Delay != 0 {
			t.Errorf("second Join = %+v, %v, want both tasks at once, as another member than %s", got, err, a.MemberID)
		}
		if got := metrics(t, m)["coordinator_metrics_expelled_total"]; got != 1 {
			t.Errorf("expelled %v times, want once", got)
		}
	}
}

// Such heartbeats are refused, so that after a session time-out they would end the Join
// that waits for the others.
func TestAMemberIDThatIsForgottenHasNoHeartbeats(t *testing.T) {
	k, m, a := joined(t, func(o *group.Options) { o.RebalanceTimeout = 500 * time.Millisecond })
	answer(k, &kmsg.JoinGroupRequest{}, once(kerr.UnknownMemberID))
	if _, err := m.Join(t.Context(), 7, a.Owned); !errors.Is(err, group.ErrExpelled) {
		t.Fatalf("Join = %v, want ErrExpelled", err)
	}
	var old atomic.Int32
	k.ControlKey((&kmsg.HeartbeatRequest{}).Key(), func(req kmsg.Request) (kmsg.Response, error, bool) {
		k.KeepControl()
		if req.(*kmsg.HeartbeatRequest).MemberID == a.MemberID {
			old.Add(1)
		}
		return nil, nil, false
	})
	// The old member is still in the group of the test, which waits for it to join.
	if _, err := m.Join(t.Context(), 7, a.Owned); err != nil {
		t.Fatal(err)
	}
	if got := old.Load(); got > 1 { // one may have been on its way
		t.Errorf("%d heartbeats of the forgotten member, want none", got)
	}
}

func TestWhoHasStoppedAllIsNotToldToAgain(t *testing.T) {
	k, m, a := joined(t, func(o *group.Options) { o.RebalanceTimeout = 500 * time.Millisecond })
	answer(k, &kmsg.HeartbeatRequest{}, once(kerr.UnknownMemberID))
	waitFor(t, m, group.Expelled)
	answer(k, &kmsg.JoinGroupRequest{}, once(kerr.UnknownMemberID))
	if got, err := m.Join(t.Context(), 7, a.Owned); err != nil || len(got.Owned.Tasks) != 2 {
		t.Errorf("Join = %+v, %v, want both tasks", got, err)
	}
}

func TestWhoHoldsNothingJoinsAgainByItself(t *testing.T) {
	k, m, _ := joined(t, func(o *group.Options) { o.RebalanceTimeout = 500 * time.Millisecond })
	answer(k, &kmsg.JoinGroupRequest{}, once(kerr.UnknownMemberID))
	if _, err := m.Join(t.Context(), 7, group.Work{}); err != nil {
		t.Errorf("Join = %v, want nil", err)
	}
}

func TestWhoWasAwayForSessionAndDelayNamesNothing(t *testing.T) {
	for _, c := range []struct {
		delay time.Duration
		named int
	}{{0, 0}, {time.Minute, 1}} {
		k, m, _ := joined(t, func(o *group.Options) { o.SessionTimeout, o.MaxDelay = 200*time.Millisecond, c.delay })
		var back atomic.Bool
		answer(k, &kmsg.HeartbeatRequest{}, func() *kerr.Error {
			if back.Load() {
				return nil
			}
			return kerr.CoordinatorNotAvailable
		})
		waitFor(t, m, group.Expelled)
		back.Store(true)
		// A leader revokes what is deleted, when a worker says that it has it.
		a, err := m.Join(t.Context(), 7, group.Work{Connectors: []string{"deleted"}})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(a.Revoked.Connectors); got != c.named {
			t.Errorf("with a delay of %v the worker named %d connectors, want %d", c.delay, got, c.named)
		}
	}
}

func TestALeaderThatCannotReadTheConfigTopicHasAllJoinAgain(t *testing.T) {
	unreadable := errors.New("no broker")
	failing := true
	_, m, a := joined(t, func(o *group.Options) {
		read := o.State
		o.State = func(ctx context.Context) (group.State, error) {
			if failing {
				return group.State{}, unreadable
			}
			return read(ctx)
		}
	})
	if !a.Failed || !a.IsLeader() || !a.Owned.Empty() {
		t.Errorf("assignment = %+v, want one that failed, without work", a)
	}
	failing = false
	if a, err := m.Join(t.Context(), 7, a.Owned); err != nil || a.Failed || len(a.Owned.Tasks) != 2 {
		t.Errorf("second Join = %+v, %v, want both tasks", a, err)
	}
	failing = true
	again, err := m.Join(t.Context(), 7, group.Work{Tasks: []api.TaskID{{Connector: "c0"}}})
	if err != nil || !again.Failed || len(again.Owned.Tasks) != 1 || !again.Revoked.Empty() {
		t.Errorf("a failed assignment takes work away: %+v, %v", again, err)
	}
}

func TestALeaderThatHasReadLessThanAnotherHasAllJoinAgain(t *testing.T) {
	_, m, _ := joined(t, nil)
	if a, err := m.Join(t.Context(), 8, group.Work{}); err != nil || !a.Failed || a.ConfigOffset != 8 {
		t.Errorf("Join with a greater offset than the leader's = %+v, %v, want one that failed, at offset 8", a, err)
	}
}

func TestAMemberThatIsNotAWorkerGetsNoWork(t *testing.T) {
	k, c := kafkatest.Start(t), &cluster{state: state(7, 2, 2)}
	a := start(t, k.ListenAddrs(), "a:1", c, nil)
	eventually(t, "the worker has all", func() bool { return settled(c.state, a) })
	cl := kafkatest.Client(t, k.ListenAddrs(), kgo.ClientID("stranger"))
	join := kmsg.NewPtrJoinGroupRequest()
	join.Group, join.ProtocolType = "connect-cluster", "connect"
	join.SessionTimeoutMillis, join.RebalanceTimeoutMillis = 10_000, 10_000
	for _, name := range []string{"sessioned", "compatible", "default"} {
		p := kmsg.NewJoinGroupRequestProtocol()
		p.Name, p.Metadata = name, []byte{0, 2, 0xff}
		join.Protocols = append(join.Protocols, p)
	}
	resp, err := join.RequestWith(t.Context(), cl)
	if err == nil && resp.ErrorCode == kerr.MemberIDRequired.Code {
		join.MemberID = resp.MemberID
		resp, err = join.RequestWith(t.Context(), cl)
	}
	if err != nil || resp.ErrorCode != 0 {
		t.Fatalf("join = %+v, %v", resp, err)
	}
	sync := kmsg.NewPtrSyncGroupRequest()
	sync.Group, sync.MemberID, sync.Generation = "connect-cluster", resp.MemberID, resp.Generation
	sync.ProtocolType, sync.Protocol = resp.ProtocolType, resp.Protocol
	got, err := sync.RequestWith(t.Context(), cl)
	if err != nil || got.ErrorCode != 0 || len(got.MemberAssignment) != 0 {
		t.Errorf("the stranger gets %x, error %d, %v, want nothing", got.MemberAssignment, got.ErrorCode, err)
	}
	eventually(t, "the worker still has all", func() bool { return settled(c.state, a) && a.now().Generation >= resp.Generation })
}
