package counts

import (
	"slices"
	"testing"
)

func TestTopicsAreThoseUsedSinceTheLastReset(t *testing.T) {
	var topics Topics
	for _, name := range []string{"b", "a", "b", "b", "c"} {
		topics.Add(name)
	}
	if got, want := topics.Names(), []string{"a", "b", "c"}; !slices.Equal(got, want) {
		t.Errorf("Names = %v, want %v", got, want)
	}
	topics.Reset()
	if got := topics.Names(); len(got) != 0 {
		t.Errorf("Names after Reset = %v, want none", got)
	}
	topics.Add("c") // the one that was added last before
	if got, want := topics.Names(), []string{"c"}; !slices.Equal(got, want) {
		t.Errorf("Names = %v, want %v", got, want)
	}
}
