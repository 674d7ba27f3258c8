package app_test

import (
	"fmt"

	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/app"
)

// The metrics of every app, for a page about them. It needs no broker.
func ExampleMetrics() {
	for _, m := range app.Metrics() {
		if m.Name == "kafka_streams_records_lag" {
			fmt.Println(m.Type, m.Labels)
		}
	}
	// Output:
	// gauge [topic partition]
}

// State tells what an app is doing, from any goroutine.
func ExampleApp_State() {
	b := streams.NewBuilder()
	streams.To(streams.Stream(b, "in", streams.Bytes(), streams.Bytes()), "out", streams.Bytes(), streams.Bytes())
	t, err := b.Build()
	if err != nil {
		fmt.Println(err)
		return
	}
	app, err := app.New(t, map[string]string{"application.id": "copy"}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(app.State())
	// Output:
	// CREATED
}
