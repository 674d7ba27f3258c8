// Package app is the topology of page-views, shared by the program and its test.
package app

import (
	"time"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/cli"
	"github.com/suiro/suiro/streams/topology"
)

// The names of the stores: where users are, and the views by region and window.
const (
	regionsStore = "regions"
	viewsStore   = "views"
)

// unknown is the region of a user that the table does not have.
const unknown = "unknown"

// view is a page that a user has looked at. The user is the key.
type view struct {
	// Time is when it happened, RFC 3339. Default: the record's timestamp.
	Time *time.Time `json:"time,omitempty"`
	Page string     `json:"page"`
}

// Views is how often pages were viewed from a region in a window.
type Views struct {
	// Region is the region, "unknown" for users of whom it is not known.
	Region string `json:"region"`
	// From and To are the bounds of the window, RFC 3339 in UTC; To is exclusive.
	From string `json:"from"`
	To   string `json:"to"`
	// Views is the number of views.
	Views int64 `json:"views"`
}

// Program describes the command.
func Program() cli.Program {
	return cli.Program{
		Name:  "page-views",
		Short: "Count page views by the region of the user, in windows of time.",
		Keys: []config.Key{
			{Name: "regions.topic", Type: config.String, Default: "user-regions", Valid: config.NonEmpty(),
				Doc: "Topic with the region of each user, read as a table: the user is the key."},
			{Name: "window.ms", Type: config.Long, Default: int(time.Minute.Milliseconds()), Valid: config.AtLeast(1),
				Doc: "How long a window is, in milliseconds."},
			{Name: "grace.ms", Type: config.Long, Default: int(time.Minute.Milliseconds()), Valid: config.AtLeast(0),
				Doc: "How late a view may come after the end of its window and still count, in milliseconds."},
			{Name: "ahead.ms", Type: config.Long, Default: int(time.Minute.Milliseconds()), Valid: config.AtLeast(0),
				Doc: "How far the field time of a value may be ahead of its record's timestamp, in milliseconds. " +
					"A record further ahead is rejected: it would make all others late."},
		},
		Defaults: map[string]string{
			"input.topic": "page-views", "output.topic": "views-by-region",
			"errors.dead.letter.queue.topic.name": "page-views-dlq",
		},
		Build: build,
	}
}

// build looks up the region of the user of each view, groups the views by region, and
// counts them in windows.
func build(v config.Values) (*topology.Topology, error) {
	b := streams.NewBuilder()
	views := streams.Stream(b, v.String("input.topic"), streams.String(), streams.JSON[view](),
		streams.WithEventTime(func(_ string, one view) (time.Time, bool) { return named(one.Time) }, v.Millis("ahead.ms")))
	regions := streams.Table(b, v.String("regions.topic"), streams.String(), streams.String(),
		streams.StoreName(regionsStore))
	viewed := streams.LeftJoinTable(views, regions, func(_ view, region *string) (string, error) {
		if region == nil {
			return unknown, nil
		}
		return *region, nil
	})
	byRegion := streams.GroupBy(viewed, "by-region",
		func(_, region string) (string, error) { return region, nil },
		streams.String(), streams.String())
	counts := streams.CountWindows(byRegion.WindowedBy(streams.TimeWindows{
		Size: v.Millis("window.ms"), Grace: v.Millis("grace.ms"),
	}), viewsStore)
	rows := streams.Map(counts.ToStream(), func(w streams.Windowed[string], n int64) (string, Views, error) {
		return w.Key, Views{Region: w.Key, From: text(w.Start), To: text(w.End), Views: n}, nil
	})
	streams.To(rows, v.String("output.topic"), streams.String(), streams.JSON[Views]())
	return b.Build()
}

func text(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// named is the time that a value names, if it names one.
func named(at *time.Time) (time.Time, bool) {
	if at == nil {
		return time.Time{}, false
	}
	return *at, true
}
