// Package app is the topology of click-impressions, shared by the program and its test.
package app

import (
	"time"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/cli"
	"github.com/suiro/suiro/streams/topology"
)

// totalsStore is the name of the store that holds the totals, by ad.
const totalsStore = "totals"

// impression is an ad that was shown. The key is the impression's id.
type impression struct {
	// Time is when it happened, RFC 3339. Default: the record's timestamp.
	Time *time.Time `json:"time,omitempty"`
	Ad   string     `json:"ad"`
}

// click is a click on an impression, whose id is the key.
type click struct {
	// Time is when it happened, RFC 3339. Default: the record's timestamp.
	Time *time.Time `json:"time,omitempty"`
}

// event is an impression, or a click on one.
type event struct {
	Ad    string `json:"ad"`
	Click bool   `json:"click"`
}

// Totals is how often an ad was shown and clicked.
type Totals struct {
	// Ad is the ad.
	Ad string `json:"ad"`
	// Impressions is how often it was shown.
	Impressions int64 `json:"impressions"`
	// Clicks is how often it was clicked within the window of an impression.
	Clicks int64 `json:"clicks"`
	// Rate is clicks by impressions, 0 before there is an impression.
	Rate float64 `json:"click_through"`
}

// Program describes the command.
func Program() cli.Program {
	return cli.Program{
		Name:  "click-impressions",
		Short: "Join clicks with the impressions of ads, and write how often each ad is clicked.",
		Keys: []config.Key{
			{Name: "clicks.topic", Type: config.String, Default: "clicks", Valid: config.NonEmpty(),
				Doc: "Topic with clicks; input.topic has the impressions. The key of both is the id of the impression."},
			{Name: "window.ms", Type: config.Long, Default: int((10 * time.Minute).Milliseconds()), Valid: config.AtLeast(1),
				Doc: "How long after its impression a click counts, in milliseconds."},
			{Name: "grace.ms", Type: config.Long, Default: int(time.Minute.Milliseconds()), Valid: config.AtLeast(0),
				Doc: "How much later than that an impression or a click may be read and still count, in milliseconds."},
			{Name: "ahead.ms", Type: config.Long, Default: int(time.Minute.Milliseconds()), Valid: config.AtLeast(0),
				Doc: "How far the field time of a value may be ahead of its record's timestamp, in milliseconds. " +
					"A record further ahead is rejected: it would make all others late."},
		},
		Defaults: map[string]string{
			"input.topic": "impressions", "output.topic": "click-through",
			"errors.dead.letter.queue.topic.name": "click-impressions-dlq",
		},
		Build: build,
	}
}

// build joins clicks with impressions, puts the clicks that have one beside all
// impressions, and adds up both by ad.
func build(v config.Values) (*topology.Topology, error) {
	b := streams.NewBuilder()
	impressions := streams.Stream(b, v.String("input.topic"), streams.String(), streams.JSON[impression](),
		streams.WithEventTime(func(_ string, i impression) (time.Time, bool) { return named(i.Time) }, v.Millis("ahead.ms")))
	clicks := streams.Stream(b, v.String("clicks.topic"), streams.String(), streams.JSON[click](),
		streams.WithEventTime(func(_ string, c click) (time.Time, bool) { return named(c.Time) }, v.Millis("ahead.ms")))
	shown := streams.MapValues(impressions, func(i impression) (event, error) { return event{Ad: i.Ad}, nil })
	clicked := streams.Join(impressions, clicks,
		streams.JoinWindows{After: v.Millis("window.ms"), Grace: v.Millis("grace.ms")},
		func(i impression, _ click) (event, error) { return event{Ad: i.Ad, Click: true}, nil },
		streams.String(), streams.JSON[impression](), streams.JSON[click](), streams.StoreName("clicked"))
	byAd := streams.GroupBy(shown.Merge(clicked), "by-ad",
		func(_ string, e event) (string, error) { return e.Ad, nil },
		streams.String(), streams.JSON[event]())
	totals := streams.Aggregate(byAd, totalsStore, func() Totals { return Totals{} }, add, streams.JSON[Totals]())
	streams.To(totals.ToStream(), v.String("output.topic"), streams.String(), streams.JSON[Totals]())
	return b.Build()
}

func add(ad string, e event, t Totals) (Totals, error) {
	t.Ad = ad
	if e.Click {
		t.Clicks++
	} else {
		t.Impressions++
	}
	t.Rate = 0
	if t.Impressions > 0 {
		t.Rate = float64(t.Clicks) / float64(t.Impressions)
	}
	return t, nil
}

// named is the time that a value names, if it names one.
func named(at *time.Time) (time.Time, bool) {
	if at == nil {
		return time.Time{}, false
	}
	return *at, true
}
