// Package app is the topology of json-avro, shared by the program, its test and
// the demo.
package app

import (
	_ "embed" // for the schema

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/cli"
	"github.com/suiro/suiro/streams/topology"
	"github.com/suiro/suiro/transforms/formats/avro"
	"github.com/suiro/suiro/transforms/formats/avro/jsonpick"
)

//go:embed access.avsc
var schema []byte

// Schema returns the Avro schema of the records that json-avro writes unless
// it is given another.
func Schema() []byte { return schema }

// Program describes the command.
func Program() cli.Program {
	return cli.Program{
		Name:  "json-avro",
		Short: "Pick the fields of an Avro schema out of JSON and write them as Avro.",
		Keys: []config.Key{
			{Name: "schema.file", Type: config.String, Default: "",
				Doc: "File with the Avro schema, a record; empty takes the schema of access logs that is built in."},
		},
		Defaults: map[string]string{
			"input.topic": "access-json", "output.topic": "access-avro",
			"errors.dead.letter.queue.topic.name": "access-json-avro-dlq",
		},
		Build: build,
	}
}

func build(v config.Values) (*topology.Topology, error) {
	codec, err := readCodec(v.String("schema.file"))
	if err != nil {
		return nil, config.Errors{config.Errorf("schema.file", v.String("schema.file"), "%v", err)}
	}
	picker, err := jsonpick.New(codec, nil)
	if err != nil {
		return nil, config.Errors{config.Errorf("schema.file", v.String("schema.file"), "%v", err)}
	}
	return Topology(v.String("input.topic"), v.String("output.topic"), picker)
}

func readCodec(path string) (*avro.Codec, error) {
	if path == "" {
		return avro.ParseCodec(schema)
	}
	return avro.ReadCodec(path)
}

// Topology reads JSON objects and writes the fields that picker takes from each as
// Avro, with no schema id in front, under the same key.
func Topology(input, output string, picker *jsonpick.Picker) (*topology.Topology, error) {
	b := streams.NewBuilder()
	objects := streams.Stream(b, input, streams.Bytes(), streams.Bytes())
	datums := streams.MapValues(objects, func(object []byte) ([]byte, error) {
		datum, err := picker.Append(nil, object)
		return datum, streams.Reject(err)
	})
	streams.To(datums, output, streams.Bytes(), streams.Bytes())
	return b.Build()
}
