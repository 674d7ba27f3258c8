package thread

import (
	"context"
	"log/slog"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/streams/internal/task"
	"github.com/suiro/suiro/streams/topology"
)

// closing is a member that does something while it closes.
type closing struct {
	atLeastOnce
	do func()
}

func (m closing) close() {
	m.do()
	m.atLeastOnce.close()
}

// A thread that is closed before its group has answered may get partitions
// while its client closes. Their tasks must not outlive it: they use the DB.
func TestCloseStopsTasksThatCameLate(t *testing.T) {
	cl, err := kgo.NewClient(kgo.SeedBrokers("127.0.0.1:1"))
	if err != nil {
		t.Fatal(err)
	}
	sub := &topology.Subtopology{Sources: []topology.Source{{Topic: "in", New: func(topology.Context) topology.Handler {
		return func(*topology.Record) error { return nil }
	}}}}
	log := slog.New(slog.DiscardHandler)
	var late *task.Task
	th := New(Options{
		Sources: map[string]int{"in": 0}, Metrics: NewMetrics(nil), Logger: log,
		Start: func(ctx context.Context, id topology.TaskID, _ Produce) *task.Task {
			late = task.Start(ctx, task.Options{
				ID: id, Sub: sub, ApplicationID: "app", Partitions: 1,
				Topic: func(name string) string { return name }, Metrics: task.NewMetrics(nil), Logger: log,
			})
			return late
		},
	})
	th.life, th.giveUp = context.WithCancel(t.Context())
	th.client = cl
	th.member = closing{atLeastOnce{cl}, func() {
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
