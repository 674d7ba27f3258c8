package api_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/suiro/suiro/connect/herder/api"
)

func TestOffsetsKeepTheirNumbers(t *testing.T) {
	text := `{"offsets":[{"partition":{"a":[9007199254740993],"b":null},"offset":{"c":1.5,"d":2.0,"e":{"f":1}}},` +
		`{"partition":null,"offset":null}]}`
	var got api.ConnectorOffsets
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	want := api.ConnectorOffsets{Offsets: []api.ConnectorOffset{{
		Partition: api.Position{"a": []any{int64(9007199254740993)}, "b": nil},
		Offset:    api.Position{"c": 1.5, "d": 2.0, "e": map[string]any{"f": int64(1)}}}, {}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("offsets = %#v, want %#v", got, want)
	}
	for _, bad := range []string{`{"offsets":[{"offset":[1]}]}`, `{"offsets":[{"offset":{"a":1e400}}]}`} {
		if err := json.Unmarshal([]byte(bad), &got); err == nil {
			t.Errorf("%s is taken, want an error", bad)
		}
	}
}
