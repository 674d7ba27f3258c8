package transforms

import (
	"fmt"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/transforms/internal/smt/smttest"
)

func TestInsertField(t *testing.T) {
	smttest.Run(t, "insert_field", InsertFieldKeyPlugin(), InsertFieldValuePlugin())
}

func TestInsertFieldKeepsThePromises(t *testing.T) {
	transform, err := NewInsertField(Value, InsertFieldConfig{TopicField: "topic", PartitionField: "p",
		StaticField: "f0", ReplaceNull: true})
	if err != nil {
		t.Fatal(err)
	}
	connecttest.RunTransform(t, transform, smttest.Records()...)
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
	s, v := smttest.Wide()
	r := &connect.Record{Topic: "access", Timestamp: time.UnixMilli(1), Value: connect.Decoded(s, v)}
	smttest.Benchmark(b, insert, r)
}
