// Package app is the topology of server-stats and the HTTP handler that queries its
// store, shared by the program, its test and the demo.
package app

import (
	"fmt"
	"time"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/cli"
	"github.com/suiro/suiro/streams/topology"
)

// StoreName is the name of the store that holds the counts, by server and minute.
const StoreName = "server-stats"

// minute is the size of a window.
const minute = time.Minute

// Program describes the command.
func Program() cli.Program {
	return cli.Program{
		Name:  "server-stats",
		Short: "Count requests, statuses and response times per server and minute; query them at GET /stats.",
		Keys: []config.Key{
			{Name: "server.field", Type: config.String, Default: "vhost", Doc: "Field that names the server."},
			{Name: "time.field", Type: config.String, Default: "time",
				Doc: "Field with the time of the request, RFC 3339; without it the record's timestamp counts."},
			{Name: "status.field", Type: config.String, Default: "status", Doc: "Field with the HTTP status."},
			{Name: "reqtime.field", Type: config.String, Default: "reqtime", Doc: "Field with the response time in seconds."},
			{Name: "grace.ms", Type: config.Long, Default: int((7 * 24 * time.Hour).Milliseconds()),
				Valid: config.AtLeast(0),
				Doc:   "How late a request may be and still count, in milliseconds."},
			{Name: "ahead.ms", Type: config.Long, Default: int((24 * time.Hour).Milliseconds()),
				Valid: config.AtLeast(0),
				Doc: "How far the time of a request may be ahead of its record's timestamp, in milliseconds. " +
					"A request further ahead is rejected: it would make all others late."},
			{Name: "retention.ms", Type: config.Long, Default: int((14 * 24 * time.Hour).Milliseconds()),
				Valid: config.AtLeast(1), Doc: "How long counts can be queried, in milliseconds."},
		},
		Defaults: map[string]string{
			"input.topic": "access-json", "errors.dead.letter.queue.topic.name": "access-json-stats-dlq",
		},
		Build:   build,
		Handler: Handler,
	}
}

// build reads JSON requests, repartitions them by server, and counts them per minute
// of their own time.
func build(v config.Values) (*topology.Topology, error) {
	names := fields{
		server: v.String("server.field"), time: v.String("time.field"),
		status: v.String("status.field"), reqTime: v.String("reqtime.field"),
	}
	b := streams.NewBuilder()
	requests := streams.Process(streams.Stream(b, v.String("input.topic"), streams.Bytes(), streams.Bytes()), nil,
		func(topology.Context) streams.Processor[[]byte, []byte, string, request] {
			return (&picker{fields: names, ahead: v.Millis("ahead.ms")}).process
		})
	byServer := streams.Repartition(requests, "by-server", streams.String(), requestSerde())
	perMinute := streams.GroupByKey(byServer, streams.String()).
		WindowedBy(streams.TimeWindows{Size: minute, Grace: v.Millis("grace.ms"), Retention: v.Millis("retention.ms")})
	streams.AggregateWindows(perMinute, StoreName, newStats,
		func(_ string, r request, s *stats) (*stats, error) { return s, s.add(r) }, statsSerde())
	t, err := b.Build()
	if err != nil {
		return nil, fmt.Errorf("server-stats: %w", err)
	}
	return t, nil
}
