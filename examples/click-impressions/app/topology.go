// Package app is the topology of click-impressions, shared by the program and its test.
package app

import (
	"time"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/examples/internal/timed"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/cli"
	"github.com/suiro/suiro/streams/topology"
)

// totalsStore is the name of the store that holds the totals, by ad.
const totalsStore = "totals"

// impression is an ad that was shown. The key is the impression's id.
type impression struct {
	timed.At
	Ad string `json:"ad"`
}

// click is a click on an impression, whose id is the key.
type click struct {
	timed.At
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
			timed.Key(),
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
	impressions := timed.By(streams.Stream(b, v.String("input.topic"), streams.String(), streams.JSON[impression]()), v,
		func(i impression) timed.At { return i.At })
	clicks := timed.By(streams.Stream(b, v.String("clicks.topic"), streams.String(), streams.JSON[click]()), v,
		func(c click) timed.At { return c.At })
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
