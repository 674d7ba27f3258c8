package standalone_test

import (
	"context"
	"fmt"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/herder/standalone"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connectors/file"
)

// A herder knows what is wrong with a configuration without Kafka. Start connects,
// Put then runs a connector, and package rest answers the REST API from it.
func ExampleHerder_Validate() {
	cfg, err := plan.ParseConfig(map[string]string{"bootstrap.servers": "localhost:9092",
		"offset.storage.file.filename": "offsets", "key.converter": "Text", "value.converter": "Text"})
	if err != nil {
		fmt.Println(err)
		return
	}
	plugins := connect.Plugins{
		Sources: []connect.SourcePlugin{file.SourcePlugin()},
		Converters: []connect.ConverterPlugin{{Info: connect.Info{Class: "Text"},
			New: func(config.Values, bool) (connect.Converter, error) {
				return connecttest.Converter{Fmt: connect.FormatString}, nil
			}}},
	}
	h, err := standalone.New(cfg, plugins, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	infos, err := h.Validate(context.Background(), map[string]string{"name": "lines",
		"connector.class": "FileStreamSource", "file": "in.txt"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, key := range infos.Configs {
		for _, problem := range key.Value.Errors {
			fmt.Println(problem)
		}
	}
	// Output: Missing required configuration "topic" which has no default value.
}
