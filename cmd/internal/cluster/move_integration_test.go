//go:build integration

package cluster_test

import (
	"slices"
	"testing"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// What a killed worker ran goes on elsewhere, and what others run never stops for it;
// nor when the worker comes back and gets its share.
func TestWorkOfAKilledWorkerMoves(t *testing.T) {
	s := newStage(t, kafkatest.Real(t))
	a, b := s.worker("a", nil), s.worker("b", nil)
	a.start()
	b.start()
	l := newLoad(s, 4, 2)
	l.create(s.of(b.address), nil) // one of the two has to send the requests on
	at := s.shared(s.of(a.address), l.units(), a.address, b.address)
	l.feed()
	before := s.reports()

	b.kill()
	s.shared(s.of(a.address), l.units(), a.address)
	stayed := s.undisturbed(before, at, a.address)
	if len(stayed) < l.units()/2 {
		t.Errorf("%v stayed on worker a, want half of everything", stayed)
	}

	before = s.reports()
	b.start()
	at = s.shared(s.of(a.address), l.units(), a.address, b.address)
	s.undisturbed(before, at, a.address)
	again, twice := l.arrived()
	t.Logf("after the kill %d lines came twice into topics, and %d to the sink", again, twice)
}

// undisturbed returns what ran on a worker and still does, and checks that the worker
// has never said anything else of it since. It may have said the same again, behind a
// late word of the worker that had it before.
func (s *stage) undisturbed(before map[string][]report, at map[string]string, worker string) (stayed []string) {
	s.t.Helper()
	now := s.reports()
	said := func(all []report) (own []report) {
		for _, r := range all {
			if r.Worker == worker {
				own = append(own, r)
			}
		}
		return slices.Compact(own)
	}
	for key, was := range at {
		if was != worker {
			continue
		}
		stayed = append(stayed, key)
		if first, then := said(before[key]), said(now[key]); !slices.Equal(first, then) {
			s.t.Errorf("%s was reported by %s as %v, and then as %v: it stopped, want it to go on", key, worker, first,
				then[min(len(first), len(then)):])
		}
	}
	return stayed
}
