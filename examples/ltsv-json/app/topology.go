// Package app is the topology of ltsv-json, shared by the program, its test and
// the demo.
package app

import (
	"errors"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/cli"
	"github.com/suiro/suiro/streams/topology"
	"github.com/suiro/suiro/transforms/formats/ltsv"
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
			"ltsv.types": "time:time:apache,status:int,size:int,reqsize:int," +
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

// errEmpty rejects a message without a record.
var errEmpty = errors.New("message holds no LTSV record")

// Topology reads LTSV, one or more records a message, and writes one JSON
// object a record, with the key of the message.
func Topology(input, output string, encoder *ltsvjson.Encoder) (*topology.Topology, error) {
	b := streams.NewBuilder()
	logs := streams.Stream(b, input, streams.Bytes(), streams.Bytes())
	json := streams.Process(logs, nil, func(topology.Context) streams.Processor[[]byte, []byte, []byte, []byte] {
		return (&converter{encoder: encoder}).process
	})
	streams.To(json, output, streams.Bytes(), streams.Bytes())
	return b.Build()
}

type record = streams.Record[[]byte, []byte]

// converter is one task's: it lays the JSON of many records into one piece of
// memory, which is cheaper than an allocation each.
type converter struct {
	encoder *ltsvjson.Encoder
	chunk   []byte
	values  [][]byte
	out     record
}

// chunkSize is how much memory is taken at a time.
const chunkSize = 64 << 10

// process converts all records of a message before it forwards the first, so
// that a message with a bad one is rejected whole.
func (c *converter) process(r *record, forward func(*record) error) error {
	c.values = c.values[:0]
	for line := range ltsv.Lines(r.Value) {
		value, err := c.convert(line)
		if err != nil {
			return streams.Reject(err)
		}
		c.values = append(c.values, value)
	}
	if len(c.values) == 0 {
		return streams.Reject(errEmpty)
	}
	c.out = *r
	for _, v := range c.values {
		c.out.Value = v
		if err := forward(&c.out); err != nil {
			return err
		}
	}
	return nil
}

func (c *converter) convert(line []byte) ([]byte, error) {
	if cap(c.chunk)-len(c.chunk) < 2*len(line)+256 {
		c.chunk = make([]byte, 0, max(chunkSize, 4*len(line)))
	}
	start := len(c.chunk)
	chunk, err := c.encoder.Append(c.chunk, line)
	if err != nil {
		return nil, err
	}
	c.chunk = chunk
	return chunk[start:len(chunk):len(chunk)], nil
}
