//go:build integration

package cluster_test

import (
	"fmt"
	"testing"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// Workers that divide tasks by load take one of two busy tasks from the worker that has
// both, although each worker has as many tasks as the other.
func TestABusyTaskMovesToAnIdleWorker(t *testing.T) {
	s := newStage(t, kafkatest.Real(t))
	byLoad := map[string]string{"assignment.load.enable": "true", "assignment.load.interval.ms": "1000"}
	a, b := s.worker("a", byLoad), s.worker("b", byLoad)
	a.start()
	b.start()
	l := newLoad(s, 4, 0)
	c := s.of(a.address)
	l.createSources(c, nil)
	at := s.shared(c, l.units()-1, a.address, b.address)
	task := func(i int) string { return fmt.Sprintf("task-%s-0", l.source(i)) }
	var busy []int // the two that are on the worker of the first
	for i := range l.sources {
		if at[task(i)] == at[task(0)] {
			busy = append(busy, i)
		}
	}
	if len(busy) != 2 {
		t.Fatalf("tasks are on %v, want two on each worker while none has a load", at)
	}
	l.feed(busy...)
	kafkatest.Eventually(t, "the busy tasks to be on two workers", func() bool {
		now, err := places(t.Context(), c)
		first, second := now[task(busy[0])], now[task(busy[1])]
		return err == nil && first != "" && second != "" && first != second
	})
	if twice := l.arrivedInTopics(); twice > 0 {
		t.Errorf("%d lines came twice, want none: each task was stopped in order", twice)
	}
}
