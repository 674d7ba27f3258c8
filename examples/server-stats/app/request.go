package app

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/valyala/fastjson"

	"github.com/suiro/suiro/streams"
)

// fields are the names of the fields that are counted.
type fields struct{ server, time, status, reqTime string }

// unknown is the server of a request that names none.
const unknown = "-"

// request is the part of a request that is counted.
type request struct {
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
	out    streams.Record[string, request]
}

// keptValue is the longest value that the parser's memory is kept for: it takes up to a
// hundred bytes for each byte, for each partition.
const keptValue = 64 << 10

func (p *picker) process(r *streams.Record[[]byte, []byte],
	forward func(*streams.Record[string, request]) error) error {
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
	return forward(&p.out)
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

func (p *picker) request(v *fastjson.Value) (request, error) {
	out := request{seconds: math.NaN()}
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

func requestSerde() streams.Serde[request] {
	return streams.NewSerde(
		func(r request) ([]byte, error) {
			b := binary.BigEndian.AppendUint16(make([]byte, 0, requestSize), r.status)
			return binary.BigEndian.AppendUint64(b, math.Float64bits(r.seconds)), nil
		},
		func(b []byte) (request, error) {
			if len(b) != requestSize {
				return request{}, fmt.Errorf("request has %d bytes, want %d", len(b), requestSize)
			}
			return request{
				status:  binary.BigEndian.Uint16(b),
				seconds: math.Float64frombits(binary.BigEndian.Uint64(b[2:])),
			}, nil
		})
}
