package render_test

import (
	"math/big"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connectors/file/internal/render"
)

func TestValuesHaveTheOneFormOfConnect(t *testing.T) {
	decimal := &data.Schema{Kind: data.Bytes, Name: data.DecimalName, Parameters: map[string]string{"scale": "2"}}
	clock := &data.Schema{Kind: data.Int32, Name: data.TimeName}
	row := &data.Schema{Kind: data.Struct,
		Fields: []data.Field{{Name: "amount", Schema: decimal}, {Name: "at", Schema: clock}}}
	counts := &data.Schema{Kind: data.Map, Key: &data.Schema{Kind: data.Int32}, Elem: &data.Schema{Kind: data.Int32}}
	at := time.Date(1970, 1, 1, 9, 30, 12, 345e6, time.UTC)
	for name, c := range map[string]struct {
		schema *data.Schema
		value  any
		want   string
	}{
		"text":               {nil, "a", "a"},
		"bytes":              {nil, []byte("b"), "b"},
		"null":               {nil, nil, "null"},
		"map without schema": {nil, map[string]any{"n": int64(1)}, `{"n":1}`},
		"decimal":            {decimal, big.NewRat(156, 100), "1.56"},
		"time":               {clock, at, "Thu Jan 01 09:30:12 UTC 1970"},
		"struct": {row, map[string]any{"amount": big.NewRat(156, 100), "at": at},
			`{"amount":"AJw=","at":34212345}`},
		"map with number keys": {counts, map[any]any{int32(1): int32(2)}, `[[1,2]]`},
	} {
		p := connect.Decoded(c.schema, c.value)
		if got, err := render.Line(&p); err != nil || string(got) != c.want {
			t.Errorf("%s: Line(%v) = %q, %v, want %q", name, c.value, got, err, c.want)
		}
	}
}
