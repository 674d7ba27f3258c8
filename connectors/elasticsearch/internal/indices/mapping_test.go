package indices

import (
	"encoding/json"
	"testing"

	"github.com/suiro/suiro/connect/data"
)

func TestSchemasMakeMappings(t *testing.T) {
	for _, c := range []struct {
		schema *data.Schema
		want   string
	}{
		{&data.Schema{Kind: data.Bytes, Name: data.DecimalName}, `{"type":"double"}`},
		{&data.Schema{Kind: data.Array, Elem: &data.Schema{Kind: data.Boolean}}, `{"type":"boolean"}`},
		{&data.Schema{Kind: data.Map, Key: &data.Schema{Kind: data.String}, Elem: &data.Schema{Kind: data.Int8}},
			`{"type":"object"}`},
		{&data.Schema{Kind: data.Map, Key: &data.Schema{Kind: data.Int16}, Elem: &data.Schema{Kind: data.Float32}},
			`{"properties":{"key":{"type":"short"},"value":{"type":"float"}}}`},
		{&data.Schema{Kind: data.Bytes}, `{"type":"binary"}`},
	} {
		if got, err := json.Marshal(mapper{compactMaps: true}.of(c.schema)); err != nil || string(got) != c.want {
			t.Errorf("mapping of %+v = %s, %v, want %s", c.schema, got, err, c.want)
		}
	}
}
