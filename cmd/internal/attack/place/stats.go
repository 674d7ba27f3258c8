package place

import (
	"context"
	"fmt"
	"net/url"

	"github.com/suiro/suiro/cmd/internal/attack/honest"
)

var _ Place = (*Stats)(nil)

// Stats adds up the requests that server-stats has counted for the server of the honest
// records. It knows no ids: a record that is missing and one that is there twice look
// like none.
type Stats struct {
	base, server string
	lane         *honest.Lane
	counted      int
}

// NewStats returns the place of the app at an address, host:port.
func NewStats(addr, server string, l *honest.Lane) *Stats {
	return &Stats{base: "http://" + addr, server: server, lane: l}
}

// Name implements [Place].
func (s *Stats) Name() string { return "counts at " + s.base + "/stats" }

// Look implements [Place].
func (s *Stats) Look(ctx context.Context) error {
	var rows []struct{ Requests int }
	ask := asking{method: "GET", url: s.base + "/stats?server=" + url.QueryEscape(s.server)}
	if err := ask.do(ctx, &rows); err != nil {
		return err
	}
	s.counted = 0
	for _, r := range rows {
		s.counted += r.Requests
	}
	return nil
}

// Arrived implements [Place].
func (s *Stats) Arrived() int { return s.counted }

// Wrong implements [Place].
func (s *Stats) Wrong() error {
	if fed := s.lane.Fed(); s.counted != fed {
		return fmt.Errorf("%d requests are counted, want %d", s.counted, fed)
	}
	return nil
}
