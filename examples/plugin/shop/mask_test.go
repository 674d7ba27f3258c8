package shop

import (
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
)

// newMask configures a Mask as a worker does.
func newMask(t *testing.T, props map[string]string) connect.Transform {
	t.Helper()
	plugin := MaskPlugin()
	mask, err := plugin.New(connecttest.Parse(t, plugin.Info, props))
	if err != nil {
		t.Fatal(err)
	}
	return mask
}

func order(fields map[string]any) *connect.Record {
	return &connect.Record{Topic: "orders", Value: connect.Decoded(nil, fields)}
}

func TestMaskKeepsTheContract(t *testing.T) {
	connecttest.RunTransform(t, newMask(t, map[string]string{"fields": "email"}),
		order(map[string]any{"id": int64(1), "email": "ada@example.com"}))
}

func TestMaskHidesFields(t *testing.T) {
	mask := newMask(t, map[string]string{"fields": "email,phone", "replacement": "hidden"})
	out, err := mask.Apply(order(map[string]any{"id": int64(1), "email": "ada@example.com"}))
	if err != nil {
		t.Fatal(err)
	}
	_, got, _ := out.Value.Decode()
	if want := map[string]any{"id": int64(1), "email": "hidden"}; !data.Equal(got, want) {
		t.Errorf("value = %v, want %v", got, want)
	}
}

func TestMaskRefusesWhatIsNotText(t *testing.T) {
	mask := newMask(t, map[string]string{"fields": "id"})
	if out, err := mask.Apply(order(map[string]any{"id": int64(1)})); err == nil {
		t.Errorf("Apply = %v, want an error: a number cannot be masked", out)
	}
}
