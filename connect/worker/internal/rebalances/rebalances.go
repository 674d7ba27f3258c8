// Package rebalances says in the log what rebalances do to the tasks of a connector.
package rebalances

import (
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/worker/internal/away"
	"github.com/suiro/suiro/internal/kafka"
)

// rebalanceQuiet is how long nothing happens when a rebalance is over.
const rebalanceQuiet = 3 * time.Second

// maxListed is how many partitions a line of the log names.
const maxListed = 20

// Log sums up in one line what each rebalance of a connector's group did to
// all tasks of the connector in this worker. It is safe for concurrent use.
type Log struct {
	group   string
	logger  *slog.Logger
	session *away.Notice

	mu      sync.Mutex // guards the rest
	owned   map[connect.TopicPartition]bool
	before  map[connect.TopicPartition]bool // what was owned before the rebalance, nil between two
	moved   map[connect.TopicPartition]bool // taken from a task here and given to one
	reasons []string
	began   time.Time
	last    time.Time
	timer   *time.Timer
	closed  bool
}

// New returns what the tasks of a connector share.
func New(group string, logger *slog.Logger, brokers *kafka.Brokers) *Log {
	return &Log{group: group, logger: logger, owned: map[connect.TopicPartition]bool{},
		session: away.New(logger, brokers, "group session is lost, joining again", "group session is joined again")}
}

// Because notes a reason for the rebalance that is under way or comes next.
func (r *Log) Because(reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.reasons, reason) {
		r.reasons = append(r.reasons, reason)
	}
}

// SessionLost notes that the member of a task must join again.
func (r *Log) SessionLost(err error) {
	r.Because("the session of a task was lost")
	r.session.Failed(err, "group", r.group)
}

// Assigned notes that a task owns partitions.
func (r *Log) Assigned(list []connect.TopicPartition) {
	r.session.Over("group", r.group)
	r.change(list, true)
}

// Revoked notes that a task no longer owns partitions, taken back or lost.
func (r *Log) Revoked(list []connect.TopicPartition) { r.change(list, false) }

// Released notes that a life has ended with partitions, which is no rebalance yet.
func (r *Log) Released(list []connect.TopicPartition) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, tp := range list {
		delete(r.owned, tp)
	}
}

func (r *Log) change(list []connect.TopicPartition, owned bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = time.Now()
	if r.before == nil {
		r.before, r.moved, r.began = maps.Clone(r.owned), map[connect.TopicPartition]bool{}, r.last
	}
	for _, tp := range list {
		if owned {
			r.owned[tp] = true
		} else {
			delete(r.owned, tp)
		}
		r.moved[tp] = true
	}
	if r.timer != nil {
		r.timer.Stop()
	}
	if !r.closed {
		r.timer = time.AfterFunc(rebalanceQuiet, r.over)
	}
}

// over logs the rebalance that has ended.
func (r *Log) over() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.before == nil || r.closed {
		return
	}
	came, went, stayed := difference(r.owned, r.before), difference(r.before, r.owned), map[connect.TopicPartition]bool{}
	for tp := range r.moved {
		if r.owned[tp] && r.before[tp] {
			stayed[tp] = true
		}
	}
	why := strings.Join(r.reasons, "; ")
	if why == "" {
		why = "another member joined or left, or the partitions changed"
	}
	r.logger.Info("group rebalanced", "group", r.group, "why", why, "came", listed(came), "went", listed(went),
		"moved", listed(stayed), "partitions", len(r.owned), "took", r.last.Sub(r.began).Round(time.Millisecond))
	r.before, r.moved, r.reasons = nil, nil, nil
}

// Close ends what is under way: a connector that stops needs no summary.
func (r *Log) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	if r.timer != nil {
		r.timer.Stop()
	}
}

func difference(a, b map[connect.TopicPartition]bool) map[connect.TopicPartition]bool {
	out := maps.Clone(a)
	for tp := range b {
		delete(out, tp)
	}
	return out
}

// listed names partitions as topic-0, in order, or says that there are none.
func listed(set map[connect.TopicPartition]bool) string {
	if len(set) == 0 {
		return "none"
	}
	list := slices.SortedFunc(maps.Keys(set), Compare)
	var b strings.Builder
	for i, tp := range list[:min(len(list), maxListed)] {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(tp.String())
	}
	if more := len(list) - maxListed; more > 0 {
		fmt.Fprintf(&b, " and %d more", more)
	}
	return b.String()
}

// Compare puts partitions in order: by topic, then by number.
func Compare(a, b connect.TopicPartition) int {
	return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition))
}
