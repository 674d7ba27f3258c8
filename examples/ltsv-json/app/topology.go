// Package app is the topology of ltsv-json, shared by the program, its test and
// the demo.
package app

import (
	"fmt"

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
		Keys: append(ltsvjson.Keys(), config.Key{Name: copiesKey, Type: config.Int, Default: 1 << 20,
			Valid: config.AtLeast(0), Importance: config.Low,
			Doc: "The key and the headers of a message are copied to each object that is made of it. How many bytes all these " +
				"copies may take; a message with more is rejected."}),
		Defaults: map[string]string{
			"input.topic": "access-ltsv", "output.topic": "access-json",
			"errors.dead.letter.queue.topic.name": "access-ltsv-dlq",
			"ltsv.drop":                           "ident,user",
			"ltsv.cookies":                        "cookie",
			"ltsv.bad.cookies":                    "raw", // a visitor's cookie must not hide the request
			"ltsv.types": "time:time,status:int,size:int,reqsize:int," +
				"reqtime:float,apptime:float,runtime:float,reqtime_microsec:int",
		},
		Build: build,
	}
}

// copiesKey bounds the copies of keys and headers.
const copiesKey = "message.copies.max.bytes"

func build(v config.Values) (*topology.Topology, error) {
	options, err := ltsvjson.FromValues(v)
	if err != nil {
		return nil, err
	}
	encoder, err := ltsvjson.New(options)
	if err != nil {
		return nil, err
	}
	return Topology(v.String("input.topic"), v.String("output.topic"), encoder, v.Int(copiesKey))
}

// Topology reads messages with one or more LTSV records each, and writes a JSON
// object for each record, with the key of its message. All records of a message are
// converted before the first is forwarded, so that a message with a bad record is
// rejected as a whole. So is one of many records whose key and headers would take more
// than copies bytes in all objects: few bytes of a message could become gigabytes.
func Topology(input, output string, encoder *ltsvjson.Encoder, copies int) (*topology.Topology, error) {
	b := streams.NewBuilder()
	logs := streams.Stream(b, input, streams.Bytes(), streams.Bytes())
	json := streams.Process(logs, func(ctx *streams.Context[[]byte, []byte]) streams.Processor[[]byte, []byte] {
		writer, out := ltsvjson.NewWriter(encoder), record{}
		return streams.ProcessorFunc[[]byte, []byte](func(r *streams.Record[[]byte, []byte]) error {
			objects, err := writer.Message(r.Value)
			if err != nil {
				return streams.Reject(err)
			}
			if n := copied(r, len(objects)); n > copies {
				return streams.Reject(fmt.Errorf("the key and headers of the message, copied to %d objects, take %d bytes and "+
					"%s is %d: send fewer records or shorter headers in a message, or raise it", len(objects), n, copiesKey, copies))
			}
			out = *r
			for _, out.Value = range objects {
				if err := ctx.Forward(&out); err != nil {
					return err
				}
			}
			return nil
		})
	})
	streams.To(json, output, streams.Bytes(), streams.Bytes())
	return b.Build()
}

// copied is how many bytes the key and headers of a message take in so many objects,
// beyond those of the message itself.
func copied(r *record, objects int) int {
	size := len(r.Key)
	for _, h := range r.Headers {
		size += len(h.Key) + len(h.Value) + headerBytes
	}
	return size * (objects - 1)
}

// headerBytes is what a header takes at least, however short it is.
const headerBytes = 2

type record = streams.Record[[]byte, []byte]
