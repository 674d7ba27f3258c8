package converters_test

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/sr/srfake"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/converters"
)

func ExampleProtobuf() {
	registry := srfake.New() // a schema registry for tests
	defer registry.Close()
	values, err := converters.ProtobufDef().Parse(map[string]string{"schema.registry.url": registry.URL()})
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := converters.NewProtobuf(values, false)
	if err != nil {
		fmt.Println(err)
		return
	}
	schema := &data.Schema{Kind: data.Struct, Name: "Access", Fields: []data.Field{
		{Name: "host", Schema: &data.Schema{Kind: data.String}},
		{Name: "status", Schema: &data.Schema{Kind: data.Int32}}}}
	raw, err := c.FromConnect("access", schema, map[string]any{"host": "web-1", "status": int32(200)})
	fmt.Printf("%q %v\n", raw, err)
	_, value, err := c.ToConnect("access", raw)
	fmt.Println(value, err)
	// Output:
	// "\x00\x00\x00\x00\x01\x00\n\x05web-1\x10\xc8\x01" <nil>
	// map[host:web-1 status:200] <nil>
}
