package shop

import (
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
)

func newCSV(t *testing.T) connect.Converter {
	t.Helper()
	plugin := CSVPlugin()
	c, err := plugin.New(connecttest.Parse(t, plugin.Info, map[string]string{"columns": "id,item"}), false)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCSVKeepsTheContract(t *testing.T) {
	connecttest.RunConverter(t, newCSV,
		connecttest.Value{Data: map[string]any{"id": "1", "item": "tea"}},
		connecttest.Value{Data: map[string]any{"id": "2", "item": `a "cup", broken`}})
}

func TestCSVWritesFieldsInOrderOfColumns(t *testing.T) {
	schema := &data.Schema{Kind: data.Struct, Fields: []data.Field{
		{Name: "item", Schema: &data.Schema{Kind: data.String}}, {Name: "id", Schema: &data.Schema{Kind: data.Int64}}}}
	got, err := newCSV(t).FromConnect("orders", schema, map[string]any{"item": "tea", "id": int64(7)})
	if want := "7,tea"; string(got) != want || err != nil {
		t.Errorf("FromConnect = %q, %v, want %q", got, err, want)
	}
}

func TestCSVRefusesOtherLines(t *testing.T) {
	for _, raw := range []string{"", "1", "1,tea,3", "1,tea\n2,cup", `"1,tea`} {
		if _, v, err := newCSV(t).ToConnect("orders", []byte(raw)); err == nil {
			t.Errorf("ToConnect(%q) = %v, want an error", raw, v)
		}
	}
}
