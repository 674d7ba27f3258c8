package compare

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/scripts/internal/judged"
	"github.com/suiro/suiro/scripts/oracle/internal/cases"
)

func TestJudgementsNamePagesThatTellUsers(t *testing.T) {
	all, err := judged.Read("../../judged.tsv", verdicts)
	if err != nil || len(all) == 0 {
		t.Fatalf("judged.Read = %d judgements, %v", len(all), err)
	}
	for _, j := range all {
		page, err := os.ReadFile("../../../../" + j.Page)
		if err != nil || !strings.Contains(string(page), "Differences from Kafka Connect") {
			t.Errorf("%s: %s does not list differences: %v", j.String(), j.Page, err)
		}
	}
}

func TestDifferencesAreNamed(t *testing.T) {
	ok := func(text string) cases.Answer { return cases.Answer{OK: json.RawMessage(text)} }
	failed := func(stage string) cases.Answer {
		return cases.Answer{Error: &cases.Failure{Stage: stage, Class: "a.DataException", Message: "field 7 of 'x'"}}
	}
	for _, tt := range []struct {
		name       string
		kind       string
		java, ours cases.Answer
		want       []string
	}{
		{"equal data", cases.ToConnect, ok(`{"value":"i8:1"}`), ok(`{"value":"i8:1"}`), nil},
		{"another value", cases.ToConnect, ok(`{"value":"i8:1"}`), ok(`{"value":"i64:1"}`), []string{"value: i8 → i64"}},
		{"equal errors", cases.Transform, failed("apply"), failed("apply"), nil},
		{"an error in Java", cases.Transform, failed("apply"), ok("null"),
			[]string{"Java fails at apply, ours goes on: DataException field N of …"}},
		{"another stage", cases.Transform, failed("apply"), failed("config"),
			[]string{"both fail, Java at apply, ours at config: field N of …"}},
		{"JSON in another order", cases.FromConnect, ok(`{"bytes":"eyJhIjoxLCJiIjoyfQ=="}`),
			ok(`{"bytes":"eyJiIjoyLCJhIjoxfQ=="}`), []string{onlyOrder}},
	} {
		c := cases.Case{Kind: tt.kind, Class: "a.B", Record: &cases.Record{}}
		if got := differences(&c, tt.java, tt.ours); !slices.Equal(got, tt.want) {
			t.Errorf("%s: differences = %q, want %q", tt.name, got, tt.want)
		}
	}
}
