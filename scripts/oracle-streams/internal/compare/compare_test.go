package compare

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/suiro/suiro/scripts/internal/judged"
	"github.com/suiro/suiro/scripts/oracle-streams/internal/cases"
)

func TestJudgementsNamePagesThatExist(t *testing.T) {
	all, err := judged.Read("../../judged.tsv", verdicts)
	if err != nil || len(all) == 0 {
		t.Fatalf("judged.Read = %d judgements, %v", len(all), err)
	}
	for _, j := range all {
		if _, err := os.Stat("../../../../" + j.Page); err != nil {
			t.Errorf("%s: %v", j, err)
		}
	}
}

func TestDifferencesAreNamed(t *testing.T) {
	ok := func(topics string) *cases.Answer {
		r := &cases.Result{}
		if err := json.Unmarshal([]byte(topics), &r.Topics); err != nil {
			t.Fatal(err)
		}
		return &cases.Answer{OK: r}
	}
	failed := func(stage string) *cases.Answer {
		return &cases.Answer{Error: &cases.Failure{Stage: stage, Class: "a.TopologyException",
			Message: "node n7 of 'x'"}}
	}
	two := `{"out":[["a","1",5],["b",null,6,[["h","v"]]]]}`
	for _, tt := range []struct {
		name       string
		java, ours *cases.Answer
		want       []string
	}{
		{"equal records", ok(two), ok(two), nil},
		{"another order", ok(two), ok(`{"out":[["b",null,6,[["h","v"]]],["a","1",5]]}`), []string{"output: order"}},
		{"another time", ok(two), ok(`{"out":[["a","1",5],["b",null,7,[["h","v"]]]]}`),
			[]string{"output: timestamps"}},
		{"no headers", ok(two), ok(`{"out":[["a","1",5],["b",null,6]]}`), []string{"output: headers"}},
		{"empty for null", ok(two), ok(`{"out":[["a","1",5],["b","",6,[["h","v"]]]]}`),
			[]string{"output: keys or values"}},
		{"a record less", ok(two), ok(`{"out":[["a","1",5]]}`), []string{"output: fewer records"}},
		{"an internal topic", ok(`{}`), ok(`{"app-x-repartition":[["a","1",5]]}`),
			[]string{"internal topic: more records"}},
		{"equal errors", failed("build"), failed("run"), nil},
		{"an error in Java", failed("build"), ok(two),
			[]string{"Java refuses at build: TopologyException node … of …"}},
		{"an error of ours", ok(two), failed("run"), []string{"ours refuses at run: node … of …"}},
	} {
		if got := Differences(tt.java, tt.ours); !slices.Equal(got, tt.want) {
			t.Errorf("%s: Differences = %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestAJudgementThatMatchesNothingIsNotUsed(t *testing.T) {
	all, err := judged.Read("../../judged.tsv", verdicts)
	if err != nil {
		t.Fatal(err)
	}
	if j := judged.Of(all, "count | a kind that nobody knows {}"); j != nil {
		t.Errorf("judged = %s, want none", j)
	}
}
