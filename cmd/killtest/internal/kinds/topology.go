package kinds

import (
	"encoding/hex"
	"fmt"
	"time"

	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/topology"
)

// Options say what the app reads and writes.
type Options struct {
	// Input is a topic with requests in JSON, as package access makes them.
	Input string
	// Output gets all results.
	Output string
	// Still is a time: requests of this and later times get one that is an hour later, at
	// which all that was before has closed. Records must still come a second of the clock
	// later. Default: none.
	Still time.Time
}

// request is a line of the access log.
type request struct {
	ID     int64     `json:"id"`
	Time   time.Time `json:"time"`
	VHost  string    `json:"vhost"`
	Status int       `json:"status"`
	Size   int64     `json:"size"`
}

const (
	// disorder is how far behind its time a request may come, in milliseconds.
	disorder = 20_000
	// grace is longer than that.
	grace = 30 * time.Second
	// ever is a grace that no record is late for.
	ever = 20 * time.Hour
)

// at is the timestamp of a request: its time, a little earlier for some.
func (o Options) at(r *streams.Record[string, request], _ time.Time) (time.Time, error) {
	if !o.Still.IsZero() && !r.Value.Time.Before(o.Still) {
		return o.Still.Add(time.Hour), nil
	}
	const spread = 7919 // a prime, so that neighbours get different ones
	return r.Value.Time.Add(-time.Duration(r.Value.ID*spread%disorder) * time.Millisecond), nil
}

// user is the key of requests, 4 bytes, as text.
func user() streams.Serde[string] {
	return streams.NewSerde(hex.DecodeString, func(data []byte) (string, error) { return hex.EncodeToString(data), nil })
}

// parts is the topology while it is built.
type parts struct {
	Options
	b  *streams.Builder
	in *streams.KStream[string, request]
	// left and right are a third of the requests each, rest is what is left of them.
	left, right, rest *streams.KStream[string, request]
}

// Build makes the topology.
func Build(o Options) (*topology.Topology, error) {
	a := &parts{Options: o, b: streams.NewBuilder()}
	a.in = streams.Stream(a.b, o.Input, user(), streams.JSON[request](), streams.WithTimestamps(o.at))
	third := func(n int64) *streams.KStream[string, request] {
		return a.in.Filter(func(_ string, r request) bool { return r.ID%3 == n })
	}
	a.left, a.right, a.rest = third(0), third(1), third(2)
	windows(a)
	sessions(a)
	cogroups(a)
	joins(a)
	tables(a)
	repartitioned(a)
	punctuated(a)
	return a.b.Build()
}

// rows writes a table; text makes "" of a row that is not there.
func rows[K, V any](a *parts, name string, t *streams.KTable[K, V], row func(K) string, text func(V) string) {
	write(a, "T "+name, t.ToStream(), row, text)
}

// records writes a stream.
func records[K, V any](a *parts, name string, s *streams.KStream[K, V], key func(K) string, text func(V) string) {
	write(a, "S "+name, s, key, text)
}

func write[K, V any](a *parts, name string, s *streams.KStream[K, V], key func(K) string, text func(V) string) {
	out := streams.Map(s, func(k K, v V) (string, []byte, error) {
		if value := text(v); value != "" {
			return name + "|" + key(k), []byte(value), nil
		}
		return name + "|" + key(k), nil, nil
	})
	streams.To(out, a.Output, streams.String(), streams.Bytes())
}

// itself is a key that is text.
func itself(s string) string { return s }

// within is a key in a window, and in a session, whose end counts too.
func within(w streams.Windowed[string]) string {
	return fmt.Sprintf("%s@%d-%d", w.Key, w.Start.UnixMilli(), w.End.UnixMilli())
}

// number is a count, of which 0 is none.
func number(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}
