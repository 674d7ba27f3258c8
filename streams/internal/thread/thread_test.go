package thread

import (
	"context"
	"log/slog"
	"maps"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams/internal/group"
	"github.com/suiro/suiro/streams/internal/lag"
	"github.com/suiro/suiro/streams/internal/member"
	"github.com/suiro/suiro/streams/internal/task"
	"github.com/suiro/suiro/streams/internal/telemetry"
	"github.com/suiro/suiro/streams/topology"
)

// closing is a member that does something while it closes.
type closing struct {
	member.Member
	do func()
}

func (m closing) Close() {
	m.do()
	m.Member.Close()
}

// A thread that is closed before its group has answered may get partitions
// while its client closes. Their tasks must not outlive it: they use the DB.
func TestCloseStopsTasksThatCameLate(t *testing.T) {
	inner, err := member.AtLeastOnce(nil, []kgo.Opt{kgo.SeedBrokers("127.0.0.1:1")})
	if err != nil {
		t.Fatal(err)
	}
	sub := &topology.Subtopology{Sources: []topology.Source{{Topic: "in", New: func(topology.Context) topology.Handler {
		return func(*topology.Record) error { return nil }
	}}}}
	log := slog.New(slog.DiscardHandler)
	var late *task.Task
	counts, err := telemetry.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	th := New(Options{
		Sources: group.NewSources(map[string]int{"in": 0}), Metrics: counts, Lags: lag.New(nil), Logger: log,
		Start: func(ctx context.Context, id topology.TaskID, _ task.Left, _ Produce) *task.Task {
			late = task.Start(ctx, task.Options{
				ID: id, Sub: sub, ApplicationID: "app", Partitions: 1,
				Topic: func(name string) string { return name }, Metrics: counts.Task(id), Logger: log,
			})
			return late
		},
	})
	th.life, th.giveUp = context.WithCancel(t.Context())
	th.client = inner.Client()
	th.member = closing{inner, func() {
		_, err := th.gained(th.life, map[string]map[int32]kgo.Offset{"in": {0: kgo.NewOffset().At(5)}})
		if err != nil {
			t.Error(err)
		}
	}}
	close(th.opened)
	th.close()
	select {
	case <-late.Stopped():
	default:
		t.Error("a task runs after its thread was closed")
		late.Stop()
	}
}

// auto.offset.reset says where to start in what others write. The app reads what it
// has written itself from the start.
func TestResetIsNotForInternalTopics(t *testing.T) {
	cl := kafkatest.Client(t, kafkatest.Start(t, kfake.SeedTopics(1, "in", "app-x-repartition")).ListenAddrs())
	for _, topic := range []string{"in", "app-x-repartition"} {
		r := []*kgo.Record{{Topic: topic}, {Topic: topic}, {Topic: topic}}
		if err := cl.ProduceSync(t.Context(), r...).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	th := New(Options{Internal: map[string]bool{"app-x-repartition": true}})
	th.client = cl
	for name, tt := range map[string]struct {
		start kgo.Offset
		want  map[string]int64 // nothing for an error
	}{
		"earliest":  {kgo.NewOffset().AtStart(), map[string]int64{"in": 0, "app-x-repartition": 0}},
		"latest":    {kgo.NewOffset().AtEnd(), map[string]int64{"in": 3, "app-x-repartition": 0}},
		"none":      {kgo.NewOffset().AtCommitted(), map[string]int64{"app-x-repartition": 0}},
		"an offset": {kgo.NewOffset().At(2), map[string]int64{"in": 2, "app-x-repartition": 2}},
	} {
		got := map[string]int64{}
		for _, topic := range []string{"in", "app-x-repartition"} {
			offsets := map[string]map[int32]kgo.Offset{topic: {0: tt.start}}
			if err := th.resolve(t.Context(), offsets); err == nil {
				got[topic] = offsets[topic][0].EpochOffset().Offset
			}
		}
		if !maps.Equal(got, tt.want) {
			t.Errorf("%s begins at %v, want %v", name, got, tt.want)
		}
	}
}

// A thread that waits for its tasks to catch up keeps neither the app from stopping
// nor a rebalance from continuing.
func TestWaitingForTasksEndsEarly(t *testing.T) {
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tt := range map[string]struct {
		ctx     context.Context
		blocked bool
	}{
		"the app stops":     {stopped, false},
		"a rebalance waits": {t.Context(), true},
	} {
		th := New(Options{})
		th.budget.records = 0 // there is no room, whatever the tasks do
		th.blocked.Store(tt.blocked)
		if th.drain(tt.ctx, time.Hour) {
			t.Errorf("%s: drain reports room, want none", name)
		}
	}
}
