package task

import (
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/streams/internal/telemetry"
	"github.com/suiro/suiro/streams/topology"
)

func metrics(t *testing.T) *telemetry.Task {
	t.Helper()
	m, err := telemetry.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return m.Task(topology.TaskID{})
}

// Two tasks of one id write the same part of the DB.
func TestTaskWaitsUntilItsPredecessorHasStopped(t *testing.T) {
	before := make(chan struct{})
	sub := &topology.Subtopology{Sources: []topology.Source{{Topic: "in", New: func(topology.Context) topology.Handler {
		return func(*topology.Record) error { return nil }
	}}}}
	task := Start(t.Context(), Options{
		Sub: sub, ApplicationID: "app", Partitions: 1, After: before,
		Topic: func(name string) string { return name }, Metrics: metrics(t), Logger: slog.New(slog.DiscardHandler),
	})
	defer task.Stop()
	select {
	case <-task.Ready():
		t.Error("the task is ready while its predecessor runs")
	case <-time.After(50 * time.Millisecond):
	}
	close(before)
	select {
	case <-task.Ready():
	case <-task.Stopped():
		t.Errorf("the task ended: %v", task.Err())
	case <-time.After(30 * time.Second):
		t.Error("the task is not ready 30s after its predecessor has stopped")
	}
}

// A broker that refuses one record of a request may answer OPERATION_NOT_ATTEMPTED for
// the others, in any order. What is wrong with the refused one has to be known.
func TestTheReasonOfAFailedRequestIsKept(t *testing.T) {
	for name, errs := range map[string][]error{
		"refused first": {kerr.MessageTooLarge, kerr.OperationNotAttempted},
		"refused last":  {kerr.OperationNotAttempted, kerr.MessageTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			task := &Task{}
			task.changed = sync.NewCond(&task.mu)
			for _, err := range errs {
				task.produceError(&batch{}, &kgo.Record{Topic: "out"}, err)
			}
			if err := task.Err(); !errors.Is(err, kerr.MessageTooLarge) {
				t.Errorf("the task failed with %v, want MESSAGE_TOO_LARGE", err)
			}
		})
	}
}
