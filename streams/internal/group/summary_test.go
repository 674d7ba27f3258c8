package group

import (
	"log/slog"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/suiro/suiro/streams/internal/telemetry"
	"github.com/suiro/suiro/streams/topology"
)

// A member that has lost its membership waits for nothing that it was given before, also where nobody
// says what that was.
func TestALossOfTheMembershipAwaitsNothing(t *testing.T) {
	metrics, err := telemetry.New(prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	s := NewSummary(slog.New(slog.DiscardHandler), metrics, "thread", func() {})
	s.Assign(map[string][]int32{"in": {0}})
	s.Lose(nil, true)
	s.Assign(nil)
	if joined, settled := s.Settled(); !joined || !settled {
		t.Errorf("joined %v and settled %v without a partition, want both", joined, settled)
	}
}

// The first member of a group is given all partitions, and loses most of them when the others
// have joined: often before the offsets of any have been fetched, so that no task has started.
func TestPartitionsThatGoBeforeTheirTasksStartAreNotAwaited(t *testing.T) {
	task := func(p int32) topology.TaskID { return topology.TaskID{Partition: p} }
	in := func(partitions ...int32) map[string][]int32 { return map[string][]int32{"in": partitions} }
	for name, removed := range map[string]bool{"taken away": false, "lost with the membership": true} {
		t.Run(name, func(t *testing.T) {
			metrics, err := telemetry.New(prometheus.NewRegistry())
			if err != nil {
				t.Fatal(err)
			}
			s := NewSummary(slog.New(slog.DiscardHandler), metrics, "thread", func() {})
			s.Assign(in(0, 1, 2, 3))
			s.Lose(in(1, 2, 3), removed)
			if removed {
				s.Lose(in(0), removed)
				s.Assign(in(0))
			}
			s.Assign(nil)
			if _, settled := s.Settled(); settled {
				t.Error("it is settled before the task of in-0 was started")
			}
			s.Start(task(0), in(0))
			if _, settled := s.Settled(); settled {
				t.Error("it is settled before the task of in-0 was ready")
			}
			s.End(task(0), 0)
			if joined, settled := s.Settled(); !joined || !settled {
				t.Errorf("joined %v and settled %v with the only task running, want both", joined, settled)
			}
		})
	}
}
