// Package app is the topology of server-stats and the HTTP handler that queries its
// store, shared by the program, its test and the demo.
package app

import (
	"fmt"
	"time"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/examples/internal/access"
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
		Keys: append(access.Keys(24*time.Hour),
			config.Key{Name: "grace.ms", Type: config.Long, Default: int((7 * 24 * time.Hour).Milliseconds()),
				Valid: config.AtLeast(0),
				Doc:   "How late a request may be and still count, in milliseconds."},
			config.Key{Name: "retention.ms", Type: config.Long, Default: int((14 * 24 * time.Hour).Milliseconds()),
				Valid: config.AtLeast(1), Doc: "How long counts can be queried, in milliseconds; at least grace.ms and a minute."}),
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
	b := streams.NewBuilder()
	windows := streams.TimeWindows{Size: minute, Grace: v.Millis("grace.ms")}
	windows.Retention = max(v.Millis("retention.ms"), windows.Size+windows.Grace)
	perMinute := streams.GroupByKey(access.ByServer(b, v), streams.String()).WindowedBy(windows)
	streams.AggregateWindows(perMinute, StoreName, access.NewCounts,
		func(_ string, r access.Request, c *access.Counts) (*access.Counts, error) { return c, c.Add(r) },
		access.CountsSerde())
	t, err := b.Build()
	if err != nil {
		return nil, fmt.Errorf("server-stats: %w", err)
	}
	return t, nil
}
