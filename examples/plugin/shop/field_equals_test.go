package shop

import (
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
)

func newFieldEquals(t *testing.T, field, text string) connect.Predicate {
	t.Helper()
	plugin := FieldEqualsPlugin()
	p, err := plugin.New(connecttest.Parse(t, plugin.Info, map[string]string{"field": field, "text": text}))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestFieldEqualsKeepsTheContract(t *testing.T) {
	connecttest.RunPredicate(t, newFieldEquals(t, "item", "tea"),
		order(map[string]any{"item": "tea"}), order(map[string]any{"item": "cup"}))
}

func TestFieldEqualsComparesTexts(t *testing.T) {
	p := newFieldEquals(t, "id", "7")
	for _, tt := range []struct {
		r    *connect.Record
		want bool
	}{
		{order(map[string]any{"id": int64(7)}), true},
		{order(map[string]any{"id": "7"}), true},
		{order(map[string]any{"id": int64(70)}), false},
		{order(map[string]any{}), false},
		{&connect.Record{}, false},
	} {
		if got, err := p.Test(tt.r); got != tt.want || err != nil {
			t.Errorf("Test(%v) = %v, %v, want %v", tt.r, got, err, tt.want)
		}
	}
	if _, err := p.Test(&connect.Record{Value: connect.Decoded(nil, "text")}); err == nil {
		t.Error("Test of a value without fields gave no error")
	}
}
