package plan_test

import (
	"fmt"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/plan"
)

func ExampleCompile() {
	plugins := connect.Plugins{
		Sinks: []connect.SinkPlugin{{Info: connect.Info{Class: "shop.LedgerSink",
			Def: config.New(config.Key{Name: "flush.size", Type: config.Int, Default: 100, Valid: config.AtLeast(1)})}}},
		Converters: []connect.ConverterPlugin{{Info: connect.Info{Class: "shop.Json"},
			New: func(config.Values, bool) (connect.Converter, error) {
				return connecttest.Converter{Fmt: connect.FormatJSON}, nil
			}}},
	}
	worker, err := plan.ParseConfig(map[string]string{"key.converter": "Json", "value.converter": "Json",
		"offset.storage.file.filename": "offsets"})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, errs, _ := plan.Compile(worker, plugins, map[string]string{"name": "ledger", "connector.class": "LedgerSink",
		"topics": "orders", "flush.size": "0", "task.max": "2"})
	fmt.Println(errs)

	p, _, _ := plan.Compile(worker, plugins, map[string]string{"name": "ledger", "connector.class": "LedgerSink",
		"topics": "orders", "flush.size": "500", "tasks.max": "2"})
	fmt.Println(p.Class, p.MaxTasks, p.Values.Int("flush.size"), p.Subscription.Group)
	fmt.Println(p.Close())
	// Output:
	// Invalid value 0 for configuration flush.size: Value must be at least 1
	// Unknown configuration "task.max", did you mean "tasks.max"?
	// shop.LedgerSink 2 500 connect-ledger
	// <nil>
}
