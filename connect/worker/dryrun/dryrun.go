// Package dryrun shows what a connector makes of records, without Kafka and without the
// connector's outside system. Records pass the converters, predicates and transforms of a
// plan in the pipeline of the worker's tasks, and are shown at each stage as a tap shows
// them.
//
//	sink    bytes ─▶ converted ─▶ after each transform      what the task would be put
//	source  data ─▶ after each transform ─▶ converted       what would be written to Kafka
//
// Keys and values of a sink's records are decoded at the end, as Kafka Connect does at the
// beginning: a task of Suiro that never looks at a key accepts one that cannot be decoded,
// and a dry run shows it as rejected.
//
// No task is made and no client is opened. Converters are the real ones, so one that has a
// schema registry asks it.
package dryrun

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker/internal/counts"
	"github.com/suiro/suiro/connect/worker/internal/pipeline"
	"github.com/suiro/suiro/connect/worker/internal/tap"
	"github.com/suiro/suiro/internal/excerpt"
	"github.com/twmb/franz-go/pkg/kgo"
)

// The outcomes of a record.
const (
	// Passed reaches the sink's task, or Kafka.
	Passed = "passed"
	// Dropped was dropped by a transform.
	Dropped = "dropped"
	// Rejected could not be converted or transformed: it ends the task or becomes a dead
	// letter, whichever errors.tolerance says.
	Rejected = "rejected"
	// Unknown failed for a reason that may go away, such as a schema registry that does not
	// answer. A worker tries again.
	Unknown = "unknown"
)

// Result is what became of one record.
type Result struct {
	// Outcome is one of the outcomes.
	Outcome string `json:"outcome"`
	// Rejection says why, unless the record has passed or was dropped.
	Rejection *Rejection `json:"rejection,omitempty"`
	// Stages are the record at each of its stages, without what the mask hides.
	Stages []api.TappedRecord `json:"stages"`
	// ToSink is what the sink's task would be put, and ToKafka what would be written to
	// Kafka, of a record that has passed. Nothing in them is hidden.
	ToSink  *connect.SinkRecord `json:"-"`
	ToKafka []*kgo.Record       `json:"-"`
}

// Rejection says where and why a record could not be processed, as the headers of its dead
// letter do.
type Rejection struct {
	// Stage is the stage by Kafka Connect's name, such as VALUE_CONVERTER.
	Stage string `json:"stage"`
	// Class is the converter or transform that failed.
	Class string `json:"class"`
	// Reason is its error, without secrets.
	Reason string `json:"reason"`
}

// Run runs records through one connector. It is for one goroutine at a time.
type Run struct {
	plan     *plan.Connector
	pipeline *pipeline.Pipeline
	stages   []api.TappedRecord // of the record on its way
}

// New returns a run of a plan, which stays the caller's. mask are patterns of the names of
// fields whose values are not shown, as in rest.tap.mask.fields.
func New(p *plan.Connector, mask []string) *Run {
	r := &Run{plan: p}
	point := tap.Follow(tap.NewMask(mask, p.HideText), r.see)
	r.pipeline = pipeline.New(p, &counts.Counters{}, point, slog.New(slog.DiscardHandler))
	return r
}

// Sink runs a record through a sink, as if it was read from Kafka.
func (r *Run) Sink(ctx context.Context, in *kgo.Record) Result {
	r.begin()
	defer r.pipeline.End()
	out, keep, err := r.pipeline.ToSink(ctx, in)
	if err == nil && keep {
		err = decode(&out.Record)
	}
	result := r.result(err, keep, pipeline.TaskPut)
	if result.Outcome == Passed {
		result.ToSink = out
	}
	return result
}

// Source runs a record through a source, as if its task had polled it.
func (r *Run) Source(ctx context.Context, in *connect.SourceRecord) Result {
	r.begin()
	defer r.pipeline.End()
	out, err := r.pipeline.ToKafka(ctx, in)
	result := r.result(err, len(out) > 0, pipeline.TaskPoll)
	result.ToKafka = slices.Clone(out)
	return result
}

// see takes note of a stage. A failure has none: it is the rejection.
func (r *Run) see(s api.TappedRecord) {
	if s.Stage == "" {
		return
	}
	s.Time = time.Time{} // of no interest here
	r.stages = append(r.stages, s)
}

func (r *Run) begin() {
	r.stages = nil
	r.pipeline.Begin(1)
}

// decode decodes what has not been looked at yet.
func decode(r *connect.Record) error {
	if _, _, err := r.Key.Decode(); err != nil {
		return err
	}
	_, _, err := r.Value.Decode()
	return err
}

// result sums up a record that ended with err, or was kept or dropped. stage is that of an
// error which has none.
func (r *Run) result(err error, kept bool, stage pipeline.Stage) Result {
	out := Result{Outcome: Passed, Stages: r.stages}
	switch {
	case err != nil:
		at, class := pipeline.StageOf(err, stage, r.plan.Class)
		out.Outcome = Rejected
		if connect.IsRetriable(err) {
			out.Outcome = Unknown
		}
		out.Rejection = &Rejection{Stage: at.String(), Class: class, Reason: excerpt.Error(err, r.plan.HideText)}
	case !kept:
		out.Outcome = Dropped
	}
	return out
}
