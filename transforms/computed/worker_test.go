package computed

import (
	"testing"

	"github.com/suiro/suiro/connect/connecttest/workertest"
)

func TestWhatCannotBeComputedBecomesADeadLetter(t *testing.T) {
	workertest.RunTransform(t, SetFieldValuePlugin(), workertest.TransformCase{Converter: workertest.JSONConverter,
		Props:  map[string]string{"fields": "{total: value.price * value.count}"},
		In:     [3]string{`{"price":2,"count":3}`, `{"price":2,"count":"three"}`, `{"price":1,"count":1}`},
		Want:   [2]string{"map[count:3 price:2 total:6]", "map[count:1 price:1 total:1]"},
		Reason: "expression, for a record of topic in: invalid operation: float64 * string"})
}
