package avro_test

import (
	"fmt"
	"strings"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro"
)

var access = &data.Schema{Kind: data.Struct, Name: "suiro.Access", Fields: []data.Field{
	{Name: "host", Schema: &data.Schema{Kind: data.String}},
	{Name: "x-cache", Schema: &data.Schema{Kind: data.String, Optional: true}},
}}

func ExampleSchemaText() {
	text, err := avro.SchemaText(access)
	fmt.Println(strings.ReplaceAll(text, `,{`, ",\n{"), err)
	// Output:
	// {"type":"record","name":"Access","namespace":"suiro","fields":[{"name":"host","type":"string"},
	// {"name":"x_cache","type":["null","string"],"default":null,"suiro.name":"x-cache"}]} <nil>
}
