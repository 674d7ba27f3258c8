package app

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/suiro/suiro/examples/internal/access"
	"github.com/suiro/suiro/streams"
)

// Score is what is written for a minute of a server.
type Score struct {
	// Server is the server's name, "-" for requests that name none.
	Server string `json:"server"`
	// Minute is the beginning of the minute, RFC 3339 in UTC.
	Minute string `json:"minute"`
	// Requests is the number of requests, at least 1.
	Requests int64 `json:"requests"`
	// ErrorShare is the share of requests that ended in an error, from 0 to 1.
	ErrorShare float64 `json:"error_share"`
	// Mean and P95 are the mean and the 95th percentile of the response time in seconds;
	// nil when no request had one.
	Mean *float64 `json:"reqtime_mean"`
	P95  *float64 `json:"reqtime_p95"`
	// Score is how unusual the minute is, in standard deviations; nil while the server is
	// not known well enough.
	Score *float64 `json:"score"`
	// Z is how many standard deviations each feature is above or below what is usual.
	Z map[string]float64 `json:"z,omitempty"`
}

// options are the keys of the score.
type options struct {
	errors   int // the lowest status that is an error
	warmup   int // minutes
	halfLife int // minutes
	forget   time.Duration
}

// features takes the features of a minute from its counts.
func (o options) features(shown access.Stats) (s Score, x values) {
	failed := int64(0)
	for status, n := range shown.Statuses {
		if code, err := strconv.Atoi(status); err == nil && code >= o.errors {
			failed += n
		}
	}
	s = Score{Requests: shown.Requests, Mean: shown.Mean, P95: shown.P95,
		ErrorShare: float64(failed) / float64(shown.Requests)}
	x = values{math.Log1p(float64(s.Requests)), s.ErrorShare, logTime(s.Mean), logTime(s.P95)}
	return s, x
}

// logTime is the logarithm of a response time: what takes twice as long is as far away as
// what takes half as long. Below a millisecond differences do not matter.
func logTime(seconds *float64) float64 {
	if seconds == nil {
		return math.NaN()
	}
	return math.Log(*seconds + 0.001)
}

// scorer scores the minutes of one task.
type scorer struct {
	options
	store *streams.KeyValue[string, baseline] // by server
	drop  func()
	swept int64 // when baselines that are forgotten were last deleted, in milliseconds since 1970
	out   streams.Record[string, Score]

	forward func(*streams.Record[string, Score]) error
}

func (s *scorer) process(r *streams.Record[streams.Windowed[string], *access.Counts]) error {
	server, start := r.Key.Key, r.Key.Start.UnixMilli()
	if err := s.sweep(start); err != nil {
		return err
	}
	b, err := s.baseline(server, start)
	if err != nil {
		return err
	}
	if start <= b.Last && b.Last != 0 {
		s.drop() // it has been scored
		return nil
	}
	shown, err := r.Value.Show()
	if err != nil {
		return fmt.Errorf("server %.64q, minute %s: %w", server, r.Key.Start, err)
	}
	score, x := s.features(shown)
	n := float64(score.Requests)
	z, total := b.score(x, n, s.options)
	b.learn(x, n, s.options)
	b.Last = start
	if err := s.store.Put(server, b); err != nil {
		return err
	}
	score.Server, score.Minute = server, r.Key.Start.UTC().Format(time.RFC3339)
	score.show(z, total)
	s.out = streams.Record[string, Score]{Key: server, Value: score, Timestamp: r.Timestamp}
	return s.forward(&s.out)
}

// show sets the score and its parts, to three digits.
func (s *Score) show(z values, total float64) {
	if math.IsNaN(total) {
		return
	}
	short := func(f float64) float64 { return math.Round(f*1000) / 1000 }
	total = short(total)
	s.Score, s.Z = &total, map[string]float64{}
	for i, f := range z {
		if !math.IsNaN(f) {
			s.Z[names[i]] = short(f)
		}
	}
}

// baseline returns what is usual for a server in a minute that starts then, in
// milliseconds: nothing when the server is new or forgotten.
func (s *scorer) baseline(server string, start int64) (b baseline, err error) {
	b, _, err = s.store.Get(server)
	if err != nil {
		return b, err
	}
	if s.forgotten(b, start) {
		b = baseline{}
	}
	return b, nil
}

func (s *scorer) forgotten(b baseline, now int64) bool { return now-b.Last > s.forget.Milliseconds() }

// sweep deletes the baselines that are forgotten, once for each hour of the requests' time.
func (s *scorer) sweep(now int64) error {
	if now-s.swept < time.Hour.Milliseconds() {
		return nil
	}
	s.swept = now
	return s.store.Range(nil, nil, func(server string, b baseline) (bool, error) {
		if s.forgotten(b, now) {
			return true, s.store.Delete(server)
		}
		return true, nil
	})
}
