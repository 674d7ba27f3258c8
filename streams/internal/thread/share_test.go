package thread

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/suiro/suiro/streams/topology"
)

// A task is fed by its partition of each topic until the last one goes.
func TestShareKnowsWhatFeedsATask(t *testing.T) {
	var s share
	zero, one := topology.TaskID{Partition: 0}, topology.TaskID{Partition: 1}
	if s.lose(zero, "never") || len(s.of(zero)) > 0 {
		t.Error("an empty share has something")
	}
	s.own(zero, "a")
	s.own(zero, "b")
	s.own(one, "a")
	s.own(one, "a") // once more
	if got, want := s.of(zero), map[string][]int32{"a": {0}, "b": {0}}; !reflect.DeepEqual(got, want) {
		t.Errorf("task 0 is fed by %v, want %v", got, want)
	}
	if !s.lose(zero, "a") {
		t.Error("nothing feeds task 0 any more, although b does")
	}
	var all []string
	s.each(func(topic string, partition int32) { all = append(all, fmt.Sprint(topic, partition)) })
	if slices.Sort(all); !slices.Equal(all, []string{"a1", "b0"}) {
		t.Errorf("the share is %v, want a1 and b0", all)
	}
	if s.lose(zero, "b") || s.lose(one, "a") {
		t.Error("tasks are fed by what has gone")
	}
	if got := s.of(one); len(got) > 0 {
		t.Errorf("task 1 is fed by %v, want nothing", got)
	}
}
