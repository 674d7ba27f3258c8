package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// The stages at which records are tapped.
const (
	StagePolled      = "polled"      // as a source returned it
	StageConsumed    = "consumed"    // as Kafka holds it, before a sink
	StageConverted   = "converted"   // by the converters: bytes for Kafka, or data for a sink
	StageTransformed = "transformed" // by one transform
)

// TapRequest says what to tap.
type TapRequest struct {
	// Stage is the only stage to show; "" shows all.
	Stage string
	// Task is the number of the only task to tap; negative taps all.
	Task int
	// Records is how many records are tapped at most.
	Records int
	// Wait is how long records are waited for.
	Wait time.Duration
}

// Tapped is the answer to GET /connectors/{c}/tap.
type Tapped struct {
	// Tasks are the numbers of the tasks that were tapped, those in the worker that
	// answers.
	Tasks []int `json:"tasks"`
	// Stages are what was seen, in the order in which it happened.
	Stages []TappedRecord `json:"stages"`
}

// TappedRecord is a record at one stage.
type TappedRecord struct {
	// Task is the number of the task, and Record a number that all stages of a record
	// have.
	Task   int `json:"task"`
	Record int `json:"record"`
	// Stage is where the record was seen, and Transform the alias of the transform when
	// it is after one.
	Stage     string `json:"stage"`
	Transform string `json:"transform,omitempty"`
	// Time is when it was seen; the zero time is left out.
	Time time.Time `json:"time,omitzero"`
	// Outcome is "dropped" after a transform that has dropped the record, "unchanged" after
	// one that has returned it as it was or whose predicate does not hold, and "failed".
	Outcome string `json:"outcome,omitempty"`
	// Error is why the record has failed, or why its key or value is not shown.
	Error string `json:"error,omitempty"`
	// Topic, Partition, Offset and Timestamp are those of the record, as far as it has
	// them; the timestamp in milliseconds since 1970.
	Topic     string `json:"topic,omitempty"`
	Partition *int32 `json:"partition,omitempty"`
	Offset    *int64 `json:"offset,omitempty"`
	Timestamp *int64 `json:"timestamp,omitempty"`
	// SourcePartition and SourceOffset are those of a record that was polled.
	SourcePartition json.RawMessage `json:"source_partition,omitempty"`
	SourceOffset    json.RawMessage `json:"source_offset,omitempty"`
	// Key and Value are data as JSON. Bytes that are text are a text, and other bytes an
	// object with their number.
	Key   json.RawMessage `json:"key"`
	Value json.RawMessage `json:"value"`
	// KeySchema and ValueSchema are the kinds and names of the schemas of data; "" for
	// none.
	KeySchema   string `json:"key_schema,omitempty"`
	ValueSchema string `json:"value_schema,omitempty"`
	// Headers are the record's.
	Headers []TappedHeader `json:"headers,omitempty"`
}

// Name is what people call the stage, with the outcome.
func (r TappedRecord) Name() string {
	stage := r.Stage
	if r.Transform != "" {
		stage = "after " + r.Transform
	}
	return strings.TrimSpace(stage + " " + r.Outcome)
}

// Text is the record at the stage in a line for people: where it is, what it holds, and
// what went wrong.
func (r TappedRecord) Text() string {
	parts := []string{}
	add := func(name, text string) {
		if text != "" {
			parts = append(parts, strings.TrimSpace(name+" "+text))
		}
	}
	add("", r.place())
	if r.Outcome != "dropped" && r.Stage != "" {
		if string(r.Key) != "null" {
			add("key", string(r.Key))
		}
		if string(r.Value) != "null" || r.Error == "" {
			add("value", string(r.Value))
		}
	}
	for _, h := range r.Headers {
		add("header "+h.Key, string(h.Value))
	}
	add("error:", r.Error)
	return strings.Join(parts, "   ")
}

// place is where a record is, or goes.
func (r TappedRecord) place() string {
	out := r.Topic
	if r.Partition != nil {
		out += fmt.Sprintf("-%d", *r.Partition)
	}
	if r.Offset != nil {
		out += fmt.Sprintf("@%d", *r.Offset)
	}
	return out
}

// TappedHeader is a header of a record.
type TappedHeader struct {
	// Key is the header's name.
	Key string `json:"key"`
	// Value is data as JSON, or bytes as those of a record.
	Value json.RawMessage `json:"value"`
}
