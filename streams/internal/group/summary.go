package group

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/suiro/suiro/streams/internal/telemetry"
	"github.com/suiro/suiro/streams/topology"
)

// Why a rebalance took place, as far as a member learns it.
const (
	whyJoined  = "the thread joined the group"
	whyChanged = "the members or the topics of the group changed"
	whyRemoved = "the group had removed the thread, which joined again"
)

// Summary collects what a rebalance changes, for one line in the log when all tasks
// process records again. It may be used from any goroutine.
type Summary struct {
	log     *slog.Logger
	metrics *telemetry.Metrics
	thread  string
	changed func()

	mu         sync.Mutex
	joined     bool      // the group has given out partitions, maybe none
	began      time.Time // of the rebalance under way; zero when there is none
	why        string
	came, went []string
	assigned   bool            // the group has given out partitions in this rebalance
	awaited    map[string]bool // partitions that came and whose tasks have not started
	pending    map[topology.TaskID]bool
	restored   int64
	closed     bool // the thread ends, which is not a rebalance
}

// NewSummary returns the Summary of a thread that is about to join its group. changed is
// called when what [Summary.Settled] returns may have changed; it must not block.
func NewSummary(log *slog.Logger, metrics *telemetry.Metrics, thread string, changed func()) *Summary {
	return &Summary{log: log, metrics: metrics, thread: thread, changed: changed, began: time.Now(), why: whyJoined,
		awaited: map[string]bool{}, pending: map[topology.TaskID]bool{}}
}

// begin begins a rebalance, unless one is under way. s.mu is held.
func (s *Summary) begin(why string) {
	if s.began.IsZero() {
		s.began, s.why = time.Now(), why
	}
	s.assigned = false
	s.changed()
}

// Lose notes that partitions were taken away, or lost with the membership, and with it all others.
// Some may have come a moment ago and have no tasks yet: nobody starts them any more.
func (s *Summary) Lose(partitions map[string][]int32, removed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if removed {
		clear(s.awaited)
	}
	if len(partitions) == 0 {
		return
	}
	s.begin(whyChanged)
	if removed {
		s.why, s.joined = whyRemoved, false
	}
	went := names(partitions)
	s.went = append(s.went, went...)
	s.forget(went)
}

// Assign notes what the group has given the thread in addition.
func (s *Summary) Assign(partitions map[string][]int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begin(whyChanged)
	s.joined, s.assigned = true, true
	came := names(partitions)
	s.came = append(s.came, came...)
	for _, name := range came {
		s.awaited[name] = true
	}
	s.check()
}

// Start notes that the task of partitions was started.
func (s *Summary) Start(id topology.TaskID, partitions map[string][]int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(names(partitions))
	s.pending[id] = true
}

// forget waits no longer for the tasks of partitions. s.mu is held.
func (s *Summary) forget(partitions []string) {
	for _, name := range partitions {
		delete(s.awaited, name)
	}
}

// End notes that a task processes records, or was stopped.
func (s *Summary) End(id topology.TaskID, restored int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending[id] {
		delete(s.pending, id)
		s.restored += restored
		s.check()
	}
}

// check logs the rebalance when it is over. s.mu is held.
func (s *Summary) check() {
	if s.began.IsZero() || !s.assigned || len(s.awaited) > 0 || len(s.pending) > 0 || s.closed {
		return
	}
	took := time.Since(s.began)
	level := slog.LevelInfo
	if len(s.came)+len(s.went) == 0 && s.why != whyJoined {
		level = slog.LevelDebug // others changed
	} else {
		s.metrics.Rebalanced(took)
	}
	s.log.Log(context.Background(), level, "group rebalanced", "thread", s.thread, "why", s.why, "came", list(s.came),
		"went", list(s.went), "restored_records", s.restored, "took", took.Round(time.Millisecond))
	s.began, s.came, s.went, s.restored = time.Time{}, nil, nil, 0
	s.changed()
}

// Close ends the summaries.
func (s *Summary) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed, s.joined = true, false
	s.changed()
}

// Settled reports whether the thread is a member and no rebalance is under way.
func (s *Summary) Settled() (joined, settled bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.joined, s.joined && s.began.IsZero()
}

// names returns partitions as Kafka writes them, sorted.
func names(partitions map[string][]int32) (out []string) {
	for topic, ps := range partitions {
		for _, p := range ps {
			out = append(out, fmt.Sprintf("%s-%d", topic, p))
		}
	}
	slices.Sort(out)
	return out
}

// listed is how many names a line shows.
const listed = 20

func list(names []string) string {
	switch {
	case len(names) == 0:
		return "none"
	case len(names) > listed:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:listed], ","), len(names)-listed)
	}
	return strings.Join(names, ",")
}
