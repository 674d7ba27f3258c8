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
		name   string
		value  connect.Payload
		want   bool
		broken bool
	}{
		{"null in Kafka", connect.Undecoded("t", nil, converter{}), true, false},
		{"JSON null", connect.Undecoded("t", []byte("null"), converter{}), true, false},
		{"text", connect.Undecoded("t", []byte(`"null"`), converter{}), false, false},
		{"broken bytes", connect.Undecoded("t", []byte("{"), converter{}), false, true},
		{"null of a schema", connect.Decoded(&data.Schema{Kind: data.String, Optional: true}, nil), true, false},
		{"empty text", connect.Decoded(nil, ""), false, false},
	} {
		if got, err := p.Test(&connect.Record{Topic: "t", Value: tt.value}); got != tt.want || (err != nil) != tt.broken {
			t.Errorf("Test of %s = %v, %v, want %v and an error: %v", tt.name, got, err, tt.want, tt.broken)
		}
	}
}

func ExampleRecordIsTombstone() {
	p, err := NewRecordIsTombstone(RecordIsTombstoneConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Test(&connect.Record{}))
	fmt.Println(p.Test(&connect.Record{Value: connect.Decoded(nil, "text")}))
	// Output:
	// true <nil>
	// false <nil>
}
