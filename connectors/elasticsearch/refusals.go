package elasticsearch

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/sinkkit"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/cluster"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/metrics"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/settings"
)

// refusals deals with records that are not written: under errors.tolerance, or
// as the behavior.on keys say. It releases what the budget holds of them. It may be used from any goroutine.
type refusals struct {
	settings *settings.Settings
	tc       connect.SinkContext
	log      *slog.Logger
	metrics  *metrics.Metrics
	// budget holds what waits for its dead letter.
	budget *sinkkit.Budget
	// fail ends the task.
	fail func(error)

	once    [2]sync.Once // the warnings of conflict, by whether the document has a version
	dropped sinkkit.Dropped
}

func newRefusals(s *settings.Settings, tc connect.SinkContext, m *metrics.Metrics, budget *sinkkit.Budget,
	fail func(error)) *refusals {
	return &refusals{settings: s, tc: tc, log: tc.Logger(), metrics: m, budget: budget, fail: fail,
		dropped: sinkkit.Dropped{Log: tc.Logger(),
			Message: "a record was dropped, as drop.invalid.message or behavior.on.malformed.documents says"}}
}

// invalid refuses a record that cannot become a document.
func (rf *refusals) invalid(r refusal) {
	rf.metrics.Reject(metrics.Invalid)
	if rf.settings.DropInvalid && !rf.tc.Tolerant() {
		rf.dropped.Note(metrics.Invalid, "record", nameOf(r.record), "error", r.err)
	}
	rf.refuse(r, rf.settings.DropInvalid)
}

// item refuses what Elasticsearch did not take.
func (rf *refusals) item(it *item, r *cluster.ItemResult, v verdict) {
	if it.part.closed.Load() {
		rf.budget.Release(loadOf([]item{*it}))
		return
	}
	err := reasonOf(it, r)
	reason := metrics.Refused
	if v == malformed {
		reason = metrics.Malformed
	}
	rf.metrics.Reject(reason)
	drop := v == malformed && rf.settings.OnMalformed != settings.RefusedFail
	if drop && rf.settings.OnMalformed == settings.RefusedWarn && !rf.tc.Tolerant() {
		rf.dropped.Note(r.Kind(), "record", nameOf(it.record), "error", err)
	}
	rf.refuse(refusalOf(it, err), drop)
}

// conflict refuses an item because something else is there under its id.
func (rf *refusals) conflict(it *item, r *cluster.ItemResult) {
	if it.part.closed.Load() {
		rf.budget.Release(loadOf([]item{*it}))
		return
	}
	rf.metrics.Conflicts.Inc()
	if rf.settings.OnConflict != settings.RefusedIgnore {
		rf.warnOnce(it, r)
	}
	if rf.settings.OnConflict == settings.RefusedFail {
		rf.metrics.Reject(metrics.Conflict)
		rf.refuse(refusalOf(it, reasonOf(it, r)), false)
		return
	}
	rf.settle(refusalOf(it, nil))
}

// refusalOf is an item as one that is refused.
func refusalOf(it *item, err error) refusal {
	return refusal{it.record, it.pending, err, loadOf([]item{*it})}
}

// settle ends what is held of a refused record.
func (rf *refusals) settle(r refusal) {
	r.pending.Settle()
	rf.budget.Release(r.held)
}

// warnOnce tells of the first conflict of a kind what it may come from.
func (rf *refusals) warnOnce(it *item, r *cluster.ItemResult) {
	kind, message := 0, "elasticsearch holds another document under the id of a record and did not write it; "+
		"further ones are only counted. Either several records have one key, of which a data stream keeps the first, "+
		"or the topic was deleted and created again"
	if it.versioned {
		kind, message = 1, "elasticsearch holds a newer version of a document and did not write the record; "+
			"further ones are only counted. After a restart that is normal for records which newer ones of their "+
			"keys replaced; otherwise the topic was deleted and created again, or one key comes in several partitions"
	}
	rf.once[kind].Do(func() {
		rf.log.Warn(message, "record", nameOf(it.record), "error", reasonOf(it, r))
	})
}

// nameOf is how a record is named in the log.
func nameOf(r *connect.SinkRecord) string { return fmt.Sprintf("%s@%d", r.TopicPartition(), r.Offset) }

// refuse rejects a record. When it is to be dropped it still goes to the
// dead-letter queue if bad records are tolerated. The budget counts it until its dead
// letter is acknowledged.
func (rf *refusals) refuse(r refusal, drop bool) {
	if drop && !rf.tc.Tolerant() {
		rf.settle(r)
		return
	}
	err := rf.tc.Report(r.record, r.err, func(err error) {
		if err != nil {
			rf.fail(fmt.Errorf("send a rejected record to the dead-letter queue: %w", err))
			return
		}
		rf.settle(r)
	})
	if err != nil {
		rf.fail(err)
	}
}

// The headers of a dead letter that Elasticsearch refused.
const (
	statusHeader = "__connect.errors.elasticsearch.status"
	typeHeader   = "__connect.errors.elasticsearch.type"
	reasonHeader = "__connect.errors.elasticsearch.reason"
)

// reasonOf makes the reason of an item's refusal. Its text is logged and shown in the
// state of the task, so it has nothing of the document; the headers of the dead letter,
// which holds the record anyway, tell all.
func reasonOf(it *item, r *cluster.ItemResult) error {
	e := r.Error
	if e == nil {
		e = &cluster.ItemError{Reason: "no reason given"}
	}
	parts := []string{fmt.Sprintf("%s document: status %d", it.op, r.Status)}
	for _, s := range []string{e.Type, e.Safe()} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return &connect.Reason{Err: errors.New(strings.Join(parts, ": ")), Headers: map[string]string{
		statusHeader: strconv.Itoa(r.Status), typeHeader: e.Type, reasonHeader: e.Text(),
	}}
}
