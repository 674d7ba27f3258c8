package connect_test

import (
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
)

func TestASinkOfTasksPlansAllThatItMayAndASourceOne(t *testing.T) {
	made := 0
	sink := connect.SinkOf(func() connect.SinkTask { made++; return nil })
	source := connect.SourceOf(func() connect.SourceTask { made++; return nil })
	for want, c := range map[int]connect.Connector{3: sink, 1: source} {
		if err := c.Start(t.Context(), config.Values{}); err != nil {
			t.Errorf("Start = %v", err)
		}
		if plan, err := c.TaskConfigs(3); len(plan) != want || err != nil {
			t.Errorf("TaskConfigs(3) = %d tasks, %v, want %d", len(plan), err, want)
		}
		if err := c.Stop(); err != nil {
			t.Errorf("Stop = %v", err)
		}
	}
	sink.NewTask()
	source.NewTask()
	if made != 2 {
		t.Errorf("%d tasks were made, want 2", made)
	}
}
