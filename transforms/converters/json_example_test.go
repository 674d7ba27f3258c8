package converters_test

import (
	"fmt"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/converters"
)

func ExampleJSON() {
	values, err := converters.JSONDef().Parse(map[string]string{"schemas.enable": "false"})
	if err != nil {
		fmt.Println(err)
		return
	}
	c := converters.NewJSON(values)
	schema := &data.Schema{Kind: data.Struct, Fields: []data.Field{{Name: "status",
		Schema: &data.Schema{Kind: data.Int32}}}}
	raw, err := c.FromConnect("access", schema, map[string]any{"status": int32(200)})
	fmt.Println(string(raw), err)
	_, value, err := c.ToConnect("access", raw)
	fmt.Println(value, err)
	// Output:
	// {"status":200} <nil>
	// map[status:200] <nil>
}
