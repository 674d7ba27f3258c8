package predicates

import (
	"errors"
	"fmt"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
)

// converter reads null as null, and nothing else but text in quotes.
type converter struct{}

func (converter) Format() string { return "test" }

func (converter) FromConnect(string, *data.Schema, any) ([]byte, error) { return nil, nil }

func (converter) ToConnect(_ string, raw []byte) (*data.Schema, any, error) {
	switch {
	case raw == nil || string(raw) == "null":
		return nil, nil, nil
	case raw[0] == '"':
		return nil, string(raw), nil
	}
	return nil, nil, errors.New("broken")
}

func TestRecordIsTombstoneKeepsThePromises(t *testing.T) {
	p, err := NewRecordIsTombstone(RecordIsTombstoneConfig{})
	if err != nil {
		t.Fatal(err)
	}
	connecttest.RunPredicate(t, p, &connect.Record{Topic: "t"}, &connect.Record{Topic: "t", Value: connect.Decoded(nil, "x")})
}

func TestRecordIsTombstoneSeesWhatTheConverterMakes(t *testing.T) {
	p := created(t, RecordIsTombstonePlugin(), nil)
	for _, tt := range []struct {
		name  string
		value connect.Payload
		want  bool
	}{
		{"null in Kafka", connect.Undecoded("t", nil, converter{}), true},
		{"JSON null", connect.Undecoded("t", []byte("null"), converter{}), true},
		{"text", connect.Undecoded("t", []byte(`"null"`), converter{}), false},
		{"broken bytes", connect.Undecoded("t", []byte("{"), converter{}), false},
		{"null of a schema", connect.Decoded(&data.Schema{Kind: data.String, Optional: true}, nil), true},
		{"empty text", connect.Decoded(nil, ""), false},
	} {
		if got := p.Test(&connect.Record{Topic: "t", Value: tt.value}); got != tt.want {
			t.Errorf("Test of %s = %v, want %v", tt.name, got, tt.want)
		}
	}
}

func ExampleRecordIsTombstone() {
	p, err := NewRecordIsTombstone(RecordIsTombstoneConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Test(&connect.Record{}), p.Test(&connect.Record{Value: connect.Decoded(nil, "text")}))
	// Output: true false
}
