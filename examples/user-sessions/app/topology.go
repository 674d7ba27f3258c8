// Package app is the topology of user-sessions, shared by the program and its test.
package app

import (
	"time"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/cli"
	"github.com/suiro/suiro/streams/topology"
)

// sessionsStore is the name of the store that holds the sessions that are not over.
const sessionsStore = "sessions"

// click is what a user has clicked on. The user is the key.
type click struct {
	// Time is when it happened, RFC 3339. Default: the record's timestamp.
	Time *time.Time `json:"time,omitempty"`
	Page string     `json:"page"`
}

// visit is what is kept of a session.
type visit struct {
	Clicks int64 `json:"clicks"`
}

// Session is a session that is over.
type Session struct {
	// User is the user.
	User string `json:"user"`
	// Start and End are the times of the first and the last click, RFC 3339 in UTC.
	Start string `json:"start"`
	End   string `json:"end"`
	// Seconds is how long it took from the first to the last click.
	Seconds float64 `json:"seconds"`
	// Clicks is the number of clicks.
	Clicks int64 `json:"clicks"`
}

// Program describes the command.
func Program() cli.Program {
	return cli.Program{
		Name:  "user-sessions",
		Short: "Cut the clicks of each user into sessions, and write how long they took.",
		Keys: []config.Key{
			{Name: "inactivity.gap.ms", Type: config.Long, Default: int((30 * time.Minute).Milliseconds()),
				Valid: config.AtLeast(1),
				Doc:   "After how long without a click a session is over, in milliseconds."},
			{Name: "grace.ms", Type: config.Long, Default: int(time.Minute.Milliseconds()), Valid: config.AtLeast(0),
				Doc: "How late a click may come and still count, in milliseconds. A session is written so much later."},
			{Name: "ahead.ms", Type: config.Long, Default: int(time.Minute.Milliseconds()), Valid: config.AtLeast(0),
				Doc: "How far the field time of a value may be ahead of its record's timestamp, in milliseconds. " +
					"A record further ahead is rejected: it would make all others late."},
		},
		Defaults: map[string]string{
			"input.topic": "user-clicks", "output.topic": "user-sessions",
			"errors.dead.letter.queue.topic.name": "user-clicks-dlq",
		},
		Build: build,
	}
}

// build cuts the clicks of each user into sessions, and writes each once, when it is over.
func build(v config.Values) (*topology.Topology, error) {
	b := streams.NewBuilder()
	clicks := streams.Stream(b, v.String("input.topic"), streams.String(), streams.JSON[click](),
		streams.WithEventTime(func(_ string, c click) (time.Time, bool) { return named(c.Time) }, v.Millis("ahead.ms")))
	perSession := streams.GroupByKey(clicks, streams.String()).SessionWindowedBy(streams.SessionWindows{
		InactivityGap: v.Millis("inactivity.gap.ms"), Grace: v.Millis("grace.ms"),
	})
	visits := streams.AggregateSessions(perSession, sessionsStore,
		func() visit { return visit{} },
		func(_ string, _ click, one visit) (visit, error) { return visit{one.Clicks + 1}, nil },
		func(_ string, one, two visit) (visit, error) { return visit{one.Clicks + two.Clicks}, nil },
		streams.JSON[visit](), streams.EmitOnWindowClose())
	sessions := streams.Map(visits.ToStream(), func(w streams.Windowed[string], s visit) (string, Session, error) {
		return w.Key, Session{User: w.Key, Start: text(w.Start), End: text(w.End),
			Seconds: w.End.Sub(w.Start).Seconds(), Clicks: s.Clicks}, nil
	})
	streams.To(sessions, v.String("output.topic"), streams.String(), streams.JSON[Session]())
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
