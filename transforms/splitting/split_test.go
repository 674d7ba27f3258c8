package splitting

import (
	"fmt"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/internal/smt/smttest"
)

func TestSplit(t *testing.T) { smttest.Run(t, "split", SplitPlugin()) }

func order(v ...any) *connect.Record {
	s := &data.Schema{Kind: data.Struct, Fields: []data.Field{{Name: "id", Schema: &data.Schema{Kind: data.Int64}},
		{Name: "items", Schema: &data.Schema{Kind: data.Array, Elem: &data.Schema{Kind: data.String}}}}}
	return &connect.Record{Topic: "orders", Offset: -1, Value: connect.Decoded(s, map[string]any{"id": int64(7), "items": v})}
}

func TestSplitKeepsThePromises(t *testing.T) {
	transform, err := NewSplit(SplitConfig{Field: "items", KeepOthers: true, MaxRecords: 10})
	if err != nil {
		t.Fatal(err)
	}
	connecttest.RunTransform(t, transform, order("a"), order("a", "b"), order(),
		&connect.Record{Topic: "orders", Value: connect.Decoded(nil, map[string]any{"items": []any{map[string]any{"n": 1.5}}})})
}

// Equal records keep one schema, so that a sink does not take each for a new one.
func TestAllPartsHaveOneSchema(t *testing.T) {
	transform, err := NewSplit(SplitConfig{Field: "items", KeepOthers: true, MaxRecords: 10})
	if err != nil {
		t.Fatal(err)
	}
	r := order("a", "b")
	first, err := transform.Split(r)
	if err != nil {
		t.Fatal(err)
	}
	second, err := transform.Split(r)
	if err != nil {
		t.Fatal(err)
	}
	want, _, _ := first[0].Value.Decode()
	for _, part := range append(first, second...) {
		if s, _, _ := part.Value.Decode(); s != want {
			t.Error("parts of one schema come out with several")
		}
	}
}

func TestApplyIsForOneRecord(t *testing.T) {
	transform, err := NewSplit(SplitConfig{Field: "items", MaxRecords: 10})
	if err != nil {
		t.Fatal(err)
	}
	if r, err := transform.Apply(order("a", "b")); r != nil || err == nil {
		t.Errorf("Apply of two elements = %v, %v, want an error", r, err)
	}
	if r, err := transform.Apply(order()); r != nil || err != nil {
		t.Errorf("Apply of no element = %v, %v, want none", r, err)
	}
}

func ExampleSplit() {
	transform, err := NewSplit(SplitConfig{Field: "items", KeepOthers: true, MaxRecords: 100})
	if err != nil {
		fmt.Println(err)
		return
	}
	parts, err := transform.Split(&connect.Record{Topic: "orders", Value: connect.Decoded(nil,
		map[string]any{"order": int64(7), "items": []any{"tea", "cup"}})})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, part := range parts {
		_, v, err := part.Value.Decode()
		fmt.Println(v, err)
	}
	// Output:
	// map[items:tea order:7] <nil>
	// map[items:cup order:7] <nil>
}

func BenchmarkSplit(b *testing.B) {
	transform, err := NewSplit(SplitConfig{Field: "items", KeepOthers: true, MaxRecords: 100})
	if err != nil {
		b.Fatal(err)
	}
	r := order("a", "b", "c", "d")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := transform.Split(r); err != nil {
			b.Fatal(err)
		}
	}
}
