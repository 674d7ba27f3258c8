// Package app is the topology of ltsv-json, shared by the program, its test and
// the demo.
package app

import (
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/cli"
	"github.com/suiro/suiro/streams/topology"
	"github.com/suiro/suiro/transforms/formats/ltsvjson"
)

// Program describes the command.
func Program() cli.Program {
	return cli.Program{
		Name:  "ltsv-json",
		Short: "Turn an LTSV access log into JSON, with the cookie unpacked and unneeded labels dropped.",
		Keys:  ltsvjson.Keys(),
		Defaults: map[string]string{
			"input.topic": "access-ltsv", "output.topic": "access-json",
			"errors.dead.letter.queue.topic.name": "access-ltsv-dlq",
			"ltsv.drop":                           "ident,user",
			"ltsv.cookies":                        "cookie",
			"ltsv.types": "time:time,status:int,size:int,reqsize:int," +
				"reqtime:float,apptime:float,runtime:float,reqtime_microsec:int",
		},
		Build: build,
	}
}

func build(v config.Values) (*topology.Topology, error) {
	options, err := ltsvjson.FromValues(v)
	if err != nil {
		return nil, err
	}
	encoder, err := ltsvjson.New(options)
	if err != nil {
		return nil, err
	}
	return Topology(v.String("input.topic"), v.String("output.topic"), encoder)
}

// Topology reads messages with one or more LTSV records each, and writes a JSON
// object for each record, with the key of its message. All records of a message are
// converted before the first is forwarded, so that a message with a bad record is
// rejected as a whole.
func Topology(input, output string, encoder *ltsvjson.Encoder) (*topology.Topology, error) {
	b := streams.NewBuilder()
	logs := streams.Stream(b, input, streams.Bytes(), streams.Bytes())
	json := streams.Process(logs, nil, func(topology.Context) streams.Processor[[]byte, []byte, []byte, []byte] {
		writer, out := ltsvjson.NewWriter(encoder), record{}
		return func(r *record, forward func(*record) error) error {
			objects, err := writer.Message(r.Value)
			if err != nil {
				return streams.Reject(err)
			}
			out = *r
			for _, out.Value = range objects {
				if err := forward(&out); err != nil {
					return err
				}
			}
			return nil
		}
	})
	streams.To(json, output, streams.Bytes(), streams.Bytes())
	return b.Build()
}

type record = streams.Record[[]byte, []byte]
