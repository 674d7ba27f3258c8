package predicates

import (
	"fmt"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
)

func answered(status any) *connect.Record {
	return &connect.Record{Topic: "access", Value: connect.Decoded(nil, map[string]any{"status": status})}
}

func TestRecordMatchesKeepsThePromises(t *testing.T) {
	p, err := NewRecordMatches(RecordMatchesConfig{Expression: "value != nil && value.status >= 500"})
	if err != nil {
		t.Fatal(err)
	}
	connecttest.RunPredicate(t, p, answered(int64(503)), answered(int64(200)))
}

func TestRecordMatchesRejectsWhatItCannotCompare(t *testing.T) {
	p := created(t, RecordMatchesPlugin(), map[string]string{"expression": "value.status >= 500"})
	for _, status := range []any{nil, "503", []any{}} {
		if got, err := p.Test(answered(status)); err == nil || !strings.Contains(err.Error(), "access") {
			t.Errorf("status %v: %v, %v, want an error with the topic", status, got, err)
		}
	}
}

func TestRecordMatchesNeedsACondition(t *testing.T) {
	for _, props := range []map[string]string{{}, {"expression": ""}, {"expression": "value."}, {"expression": "topic"},
		{"expression": "valeu.a == 1"}} {
		refused(t, RecordMatchesPlugin(), props)
	}
}

func ExampleRecordMatches() {
	p, err := NewRecordMatches(RecordMatchesConfig{Expression: `value.status >= 500 && topic startsWith "access"`})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Test(answered(int64(503))))
	fmt.Println(p.Test(answered(int64(200))))
	// Output:
	// true <nil>
	// false <nil>
}

func BenchmarkRecordMatches(b *testing.B) {
	p, err := NewRecordMatches(RecordMatchesConfig{Expression: "value.status >= 500"})
	if err != nil {
		b.Fatal(err)
	}
	r := answered(int64(503))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Test(r); err != nil {
			b.Fatal(err)
		}
	}
}
