package thread

import (
	"fmt"
	"slices"
	"testing"

	"github.com/suiro/suiro/streams/topology"
)

// pausing is a client that knows which partitions are paused.
type pausing map[string]bool

func (p pausing) PauseFetchPartitions(partitions map[string][]int32) map[string][]int32 {
	for topic, ps := range partitions {
		for _, n := range ps {
			p[fmt.Sprint(topic, n)] = true
		}
	}
	return nil
}

func (p pausing) ResumeFetchPartitions(partitions map[string][]int32) {
	for topic, ps := range partitions {
		for _, n := range ps {
			delete(p, fmt.Sprint(topic, n))
		}
	}
}

// A task that has enough gets nothing until it is released, whatever its queues say meanwhile.
func TestBrakesStopAndRelease(t *testing.T) {
	var s share
	zero, one := topology.TaskID{Partition: 0}, topology.TaskID{Partition: 1}
	for _, topic := range []string{"a", "b"} {
		s.own(zero, topic)
	}
	s.own(one, "a")
	paused := pausing{}
	b := newBrakes(paused, &s)
	all := func(string) bool { return true }
	for i, step := range []struct {
		do   func()
		want []string
	}{
		{func() { b.stopTopic(zero, "a") }, []string{"a0"}},
		{func() { b.releaseTopics(zero, func(topic string) bool { return topic != "a" }) }, []string{"a0"}},
		{func() { b.releaseTopics(zero, all) }, nil},
		{func() { b.stop(zero); b.stop(zero) }, []string{"a0", "b0"}},
		{func() { b.stopTopic(zero, "b"); b.releaseTopics(zero, all) }, []string{"a0", "b0"}},
		{func() { b.stop(one) }, []string{"a0", "a1", "b0"}},
		{func() { b.release(zero) }, []string{"a1"}},
		{func() { b.stop(zero); b.releaseAll() }, nil},
		{func() { b.releaseAll() }, nil},
	} {
		step.do()
		var got []string
		for partition := range paused {
			got = append(got, partition)
		}
		if slices.Sort(got); !slices.Equal(got, step.want) {
			t.Errorf("step %d: %v are paused, want %v", i, got, step.want)
		}
	}
}
