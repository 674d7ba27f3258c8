package transforms

import (
	"fmt"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
)

func TestInsertField(t *testing.T) { runCases(t, "insert_field") }

func TestInsertFieldKeepsThePromises(t *testing.T) {
	transform, err := NewInsertField(Value, InsertFieldConfig{TopicField: "topic", PartitionField: "p",
		StaticField: "f0", ReplaceNull: true})
	if err != nil {
		t.Fatal(err)
	}
	connecttest.RunTransform(t, transform, promised()...)
}

func ExampleInsertField() {
	insert, err := NewInsertField(Value, InsertFieldConfig{TopicField: "topic!",
		StaticField: "site", StaticValue: "tokyo"})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := insert.Apply(&connect.Record{Topic: "access",
		Value: connect.Decoded(nil, map[string]any{"status": int64(200)})})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, v, err := r.Value.Decode()
	fmt.Println(v, err)
	// Output: map[site:tokyo status:200 topic:access] <nil>
}

func BenchmarkInsertField(b *testing.B) {
	insert, err := NewInsertField(Value, InsertFieldConfig{TopicField: "topic", TimestampField: "at", ReplaceNull: true})
	if err != nil {
		b.Fatal(err)
	}
	s, v := wide()
	r := &connect.Record{Topic: "access", Timestamp: time.UnixMilli(1), Value: connect.Decoded(s, v)}
	benchmark(b, insert, r)
}

// wide is a struct with twenty fields.
func wide() (*data.Schema, map[string]any) {
	s, v := &data.Schema{Kind: data.Struct}, map[string]any{}
	for i := range 20 {
		name := fmt.Sprint("f", i)
		s.Fields = append(s.Fields, data.Field{Name: name, Schema: &data.Schema{Kind: data.Int64}})
		v[name] = int64(i)
	}
	return s, v
}

func benchmark(b *testing.B, t connect.Transform, r *connect.Record) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := t.Apply(r); err != nil {
			b.Fatal(err)
		}
	}
}
