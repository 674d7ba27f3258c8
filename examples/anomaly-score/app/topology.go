// Package app is the topology of anomaly-score, shared by the program and its test.
package app

import (
	"time"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/examples/internal/access"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/cli"
	"github.com/suiro/suiro/streams/topology"
)

// The names of the stores: the counts of minutes that are not over, and what is usual for
// each server.
const (
	minutesStore   = "minutes"
	baselinesStore = "baselines"
)

// Program describes the command.
func Program() cli.Program {
	millis := func(d time.Duration) int { return int(d.Milliseconds()) }
	return cli.Program{
		Name:  "anomaly-score",
		Short: "Score how unusual each minute of each server is against its recent past.",
		Keys: append(access.Keys(time.Minute),
			config.Key{Name: "error.status.min", Type: config.Int, Default: 500, Valid: config.AtLeast(1),
				Doc: "The lowest HTTP status that counts as an error."},
			config.Key{Name: "grace.ms", Type: config.Long, Default: millis(5 * time.Minute), Valid: config.AtLeast(0),
				Doc: "How late a request may be and still count, in milliseconds. A minute is scored when it is over by so much."},
			config.Key{Name: "half.life.minutes", Type: config.Int, Default: 60, Valid: config.AtLeast(1),
				Doc: "After how many scored minutes a minute weighs half as much in what is usual for its server."},
			config.Key{Name: "warmup.minutes", Type: config.Int, Default: 30, Valid: config.AtLeast(2),
				Doc: "How many minutes of a server must have been seen before one is scored."},
			config.Key{Name: "forget.ms", Type: config.Long, Default: millis(7 * 24 * time.Hour),
				Valid: config.AtLeast(time.Hour.Milliseconds()),
				Doc: "After how long without a request what is usual for a server is forgotten, in milliseconds. " +
					"Visitors may invent names of servers: this bounds for how long they are kept."}),
		Defaults: map[string]string{
			"input.topic": "access-json", "output.topic": "access-scores",
			"errors.dead.letter.queue.topic.name": "access-json-scores-dlq",
		},
		Build: build,
	}
}

// build counts requests by server and minute, and scores each minute once, when it is over
// and its grace too.
func build(v config.Values) (*topology.Topology, error) {
	o := options{
		errors: v.Int("error.status.min"), warmup: v.Int("warmup.minutes"),
		halfLife: v.Int("half.life.minutes"), forget: v.Millis("forget.ms"),
	}
	b := streams.NewBuilder()
	perMinute := streams.GroupByKey(access.ByServer(b, v), streams.String()).
		WindowedBy(streams.TimeWindows{Size: time.Minute, Grace: v.Millis("grace.ms")})
	minutes := streams.AggregateWindows(perMinute, minutesStore, access.NewCounts,
		func(_ string, r access.Request, c *access.Counts) (*access.Counts, error) { return c, c.Add(r) },
		access.CountsSerde(), streams.EmitOnWindowClose()).ToStream()
	store := streams.NewKeyValueStore(baselinesStore, streams.String(), streams.JSON[baseline]())
	scores := streams.Process(minutes,
		func(ctx *streams.Context[string, Score]) streams.Processor[streams.Windowed[string], *access.Counts] {
			s := &scorer{options: o, store: store.Open(ctx), drop: ctx.Drop, forward: ctx.Forward}
			return streams.ProcessorFunc[streams.Windowed[string], *access.Counts](s.process)
		}, streams.WithStores(store))
	streams.To(scores, v.String("output.topic"), streams.String(), streams.JSON[Score]())
	return b.Build()
}
