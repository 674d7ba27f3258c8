package generator_test

import (
	"context"
	"fmt"

	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connectors/generator"
)

// The same schema and seed make the same records, whenever and wherever.
func ExampleSourcePlugin() {
	plugin := generator.SourcePlugin()
	values, err := connecttest.TryParse(plugin.Info, map[string]string{
		"kafka.topic":     "orders",
		"schema.keyfield": "id",
		"iterations":      "3",
		"max.interval":    "0",
		"schema.string": `{"type": "record", "name": "order", "fields": [
		  {"name": "id", "type": {"type": "long", "arg.properties": {"iteration": {"start": 1000}}}},
		  {"name": "item", "type": {"type": "string", "arg.properties": {"regex": "[A-Z]{2}-[0-9]{4}"}}},
		  {"name": "units", "type": {"type": "int", "arg.properties": {"range": {"min": 1, "max": 10}}}},
		  {"name": "gift", "type": {"type": "boolean", "arg.properties": {"odds": 0.1}}}
		]}`,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	task := plugin.New().NewTask()
	if err := task.Start(context.Background(), connecttest.NewSourceContext(), values); err != nil {
		fmt.Println(err)
		return
	}
	records, err := task.Poll(context.Background())
	for _, r := range records {
		schema, value, _ := r.Value.Decode()
		text, _ := data.JSON(schema, value)
		fmt.Println(string(text), r.SourceOffset)
	}
	fmt.Println(err)
	// Output:
	// {"id":1000,"item":"RI-3074","units":7,"gift":false} map[number:0]
	// {"id":1001,"item":"ZZ-5729","units":3,"gift":false} map[number:1]
	// {"id":1002,"item":"ZP-1460","units":7,"gift":false} map[number:2]
	// <nil>
}
