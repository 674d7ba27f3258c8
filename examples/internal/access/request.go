// Package access has what the examples share that read an access log as JSON: the requests
// by server, and the counts of a server and minute.
package access

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/valyala/fastjson"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/streams"
)

// Keys are the keys that say how requests are read. ahead is how far they may be ahead of
// their records by default.
func Keys(ahead time.Duration) []config.Key {
	return []config.Key{
		{Name: "server.field", Type: config.String, Default: "vhost", Doc: "Field that names the server."},
		{Name: "time.field", Type: config.String, Default: "time",
			Doc: "Field with the time of the request, RFC 3339; without it the record's timestamp counts."},
		{Name: "status.field", Type: config.String, Default: "status", Doc: "Field with the HTTP status."},
		{Name: "reqtime.field", Type: config.String, Default: "reqtime", Doc: "Field with the response time in seconds."},
		{Name: "ahead.ms", Type: config.Long, Default: int(ahead.Milliseconds()),
			Valid: config.AtLeast(0),
			Doc: "How far the time of a request may be ahead of its record's timestamp, in milliseconds. " +
				"A request further ahead is rejected: it would make all others late."},
	}
}

// ByServer reads requests as JSON, with the keys that v has for [Keys], and repartitions
// them by server. Each has its own time.
func ByServer(b *streams.Builder, v config.Values) *streams.KStream[string, Request] {
	names := fields{
		server: v.String("server.field"), time: v.String("time.field"),
		status: v.String("status.field"), reqTime: v.String("reqtime.field"),
	}
	requests := streams.Process(streams.Stream(b, v.String("input.topic"), streams.Bytes(), streams.Bytes()),
		func(ctx *streams.Context[string, Request]) streams.Processor[[]byte, []byte] {
			p := &picker{fields: names, ahead: v.Millis("ahead.ms"), forward: ctx.Forward}
			return streams.ProcessorFunc[[]byte, []byte](p.process)
		})
	return streams.Repartition(requests, "by-server", streams.String(), requestSerde())
}

// fields are the names of the fields that are read.
type fields struct{ server, time, status, reqTime string }

// unknown is the server of a request that names none.
const unknown = "-"

// Request is the part of a request that is counted.
type Request struct {
	status uint16 // 0 when there is none
	// seconds is the response time, NaN when there is none.
	seconds float64
}

// maxSeconds is the longest response time that is accepted: eleven days, far below what
// 64 bits of nanoseconds hold.
const maxSeconds = 1e6

// picker parses requests from JSON, for one task.
type picker struct {
	fields fields
	ahead  time.Duration // how far a request may be ahead of its record's timestamp
	parser fastjson.Parser
	out    streams.Record[string, Request]

	forward func(*streams.Record[string, Request]) error
}

// keptValue is the longest value that the parser's memory is kept for: it takes up to a
// hundred bytes for each byte, for each partition.
const keptValue = 64 << 10

func (p *picker) process(r *streams.Record[[]byte, []byte]) error {
	if len(r.Value) > keptValue {
		defer func() { p.parser = fastjson.Parser{} }()
	}
	v, err := p.parser.ParseBytes(r.Value)
	if err != nil {
		return streams.Reject(fmt.Errorf("not JSON: %w", err))
	}
	if v.Type() != fastjson.TypeObject {
		return streams.Reject(fmt.Errorf("not a JSON object but %s", v.Type()))
	}
	p.out.Key, p.out.Timestamp, p.out.Headers = unknown, r.Timestamp, nil
	if server := v.GetStringBytes(p.fields.server); len(server) > 0 {
		p.out.Key = short(server)
	}
	if at := v.GetStringBytes(p.fields.time); len(at) > 0 {
		if p.out.Timestamp, err = time.Parse(time.RFC3339, string(at)); err != nil {
			return streams.Reject(fmt.Errorf("field %s: %w", p.fields.time, err))
		}
		if early := p.out.Timestamp.Sub(r.Timestamp); early > p.ahead && r.Timestamp.UnixMilli() > 0 {
			return streams.Reject(fmt.Errorf("field %s: %s is %v ahead of the record's time: "+
				"correct the clock of its server, or raise ahead.ms", p.fields.time, at, early.Round(time.Second)))
		}
	}
	if p.out.Value, err = p.request(v); err != nil {
		return streams.Reject(err)
	}
	return p.forward(&p.out)
}

// maxName is the longest name of a server that is kept: 253 bytes are the most that a
// name has in DNS. Visitors may send others.
const maxName = 253

// short returns a name, or its beginning: requests for longer names are counted together.
func short(name []byte) string {
	if len(name) <= maxName {
		return string(name)
	}
	return strings.ToValidUTF8(string(name[:maxName]), "") + "…"
}

func (p *picker) request(v *fastjson.Value) (Request, error) {
	out := Request{seconds: math.NaN()}
	if s := v.Get(p.fields.status); s != nil && s.Type() != fastjson.TypeNull {
		n, err := s.Int()
		if err != nil || n < 0 || n > math.MaxUint16 {
			return out, fmt.Errorf("field %s: %s is not an HTTP status", p.fields.status, s)
		}
		out.status = uint16(n)
	}
	if s := v.Get(p.fields.reqTime); s != nil && s.Type() != fastjson.TypeNull {
		f, err := s.Float64()
		if err != nil || f < 0 || f > maxSeconds {
			return out, fmt.Errorf("field %s: %s is not a response time in seconds", p.fields.reqTime, s)
		}
		out.seconds = f
	}
	return out, nil
}

// requestSize is the length of a request in the repartition topic:
//
//	2 bytes status | 8 bytes seconds, IEEE 754, both big endian
const requestSize = 10

func requestSerde() streams.Serde[Request] {
	return streams.NewSerde(
		func(r Request) ([]byte, error) {
			b := binary.BigEndian.AppendUint16(make([]byte, 0, requestSize), r.status)
			return binary.BigEndian.AppendUint64(b, math.Float64bits(r.seconds)), nil
		},
		func(b []byte) (Request, error) {
			if len(b) != requestSize {
				return Request{}, fmt.Errorf("request has %d bytes, want %d", len(b), requestSize)
			}
			return Request{
				status:  binary.BigEndian.Uint16(b),
				seconds: math.Float64frombits(binary.BigEndian.Uint64(b[2:])),
			}, nil
		})
}
