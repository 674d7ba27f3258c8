package redaction

import (
	"testing"

	"github.com/suiro/suiro/connect/connecttest/workertest"
)

// The dead letter of a record that cannot be redacted holds it as it came.
func TestWhatCannotBeRedactedBecomesADeadLetter(t *testing.T) {
	workertest.RunTransform(t, RedactValuePlugin(), workertest.TransformCase{Converter: workertest.JSONConverter,
		Props:  map[string]string{"detect": "email", "fields": "user"},
		In:     [3]string{`{"user":"ann@shop.example"}`, `"ann@shop.example"`, `{"user":"bob"}`},
		Want:   [2]string{"map[user:***]", "map[user:bob]"},
		Reason: "value of topic in is a string: want a struct"})
}
