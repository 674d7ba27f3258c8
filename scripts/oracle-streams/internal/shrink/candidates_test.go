package shrink

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/suiro/suiro/scripts/oracle-streams/internal/cases"
)

// What was below a step that is taken out is below what was above it.
func TestAStepIsTakenOutOfTheMiddle(t *testing.T) {
	c := cases.Case{Steps: []cases.Step{{Op: "stream", Out: []string{"a"}},
		{Op: "filter", In: []string{"a"}, Out: []string{"b"}}, {Op: "to", In: []string{"b"}}}}
	got := without(c, 1)
	if len(got.Steps) != 2 || !slices.Equal(got.Steps[1].In, []string{"a"}) {
		t.Errorf("without = %+v, want the sink below the stream", got.Steps)
	}
	if c.Steps[2].In[0] != "b" {
		t.Error("the case itself has changed")
	}
}

func TestCandidatesHaveLess(t *testing.T) {
	c := cases.Case{Config: map[string]string{"a": "b"},
		Steps: []cases.Step{{Op: "stream", Out: []string{"a"}, Name: "mine"}},
		Input: []cases.Event{{Topic: "in", Headers: [][]string{{"h", "v"}}}, {Commit: true}}}
	size := func(c cases.Case) int {
		raw, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		return len(raw)
	}
	all := candidates(c)
	for _, less := range all {
		if size(less) >= size(c) {
			t.Errorf("candidate %+v is not smaller", less)
		}
	}
	if got, want := len(all), 6; got != want {
		t.Errorf("%d candidates, want %d", got, want)
	}
}
