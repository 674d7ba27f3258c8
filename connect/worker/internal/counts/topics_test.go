package counts

import (
	"slices"
	"testing"
)

func TestTopicsAreThoseUsedSinceTheLastReset(t *testing.T) {
	var topics Topics
	for _, name := range []string{"b", "a", "b", "b", "c"} {
		topics.Add(name, 1)
	}
	if got, want := topics.Names(), []string{"a", "b", "c"}; !slices.Equal(got, want) {
		t.Errorf("Names = %v, want %v", got, want)
	}
	topics.Know("d") // is not used yet
	topics.Reset()
	if got := topics.Names(); len(got) != 0 {
		t.Errorf("Names after Reset = %v, want none", got)
	}
	topics.Add("c", 1) // the one that was added last before
	if got, want := topics.Names(), []string{"c"}; !slices.Equal(got, want) {
		t.Errorf("Names = %v, want %v", got, want)
	}
}

func TestRecordsOfATopicAreCountedOverAReset(t *testing.T) {
	var topics Topics
	topics.Know("a")
	topics.Add("b", 2)
	topics.Reset()
	topics.Add("b", 3)
	got := map[string]int64{}
	topics.each(func(name string, records int64) { got[name] = records })
	if len(got) != 2 || got["a"] != 0 || got["b"] != 5 {
		t.Errorf("counted %v, want none of a and 5 of b", got)
	}
}
