// Package cases is the language of the oracle: topologies with their input, and
// answers. Cases and answers are lines of JSON, as the Java side reads and writes them.
package cases

import (
	"maps"
	"slices"
)

// Case is a topology and what it is given.
type Case struct {
	// ID names the case within a run.
	ID string `json:"id"`
	// Tag says what the case is about: differences are counted by it.
	Tag string `json:"tag"`
	// Config are properties of the app.
	Config map[string]string `json:"config,omitempty"`
	// Steps make the topology.
	Steps []Step `json:"steps"`
	// Input is sent in this order; after it, the epoch is committed.
	Input []Event `json:"input,omitempty"`
	// Twin is the id of the same case with windows that are kept much longer. Default:
	// none.
	Twin string `json:"twin,omitempty"`
}

// Keys are the keys of the input, sorted.
func (c *Case) Keys() []string {
	keys := map[string]bool{}
	for _, e := range c.Input {
		if e.Key != nil {
			keys[*e.Key] = true
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

// Step is one operator.
type Step struct {
	// Op is the operator, by Kafka Streams' name, with what it works on where a name
	// is used twice: joinTable, joinGlobal, filterTable.
	Op string `json:"op"`
	// In are the streams, tables or groups that it takes.
	In []string `json:"in,omitempty"`
	// Out are the names under which later steps know the result.
	Out []string `json:"out,omitempty"`
	// Fns are the functions that it is given, of those that both sides know.
	Fns []string `json:"fns,omitempty"`
	// Name is the name of the node, a group or a repartition. Default: generated.
	Name string `json:"name,omitempty"`
	// Topics are the topics of a source or sink.
	Topics []string `json:"topics,omitempty"`
	// Pattern is the topics of a source, as a regular expression.
	Pattern string `json:"pattern,omitempty"`
	// Extractor is a timestamp extractor: value takes digits in the value.
	Extractor string `json:"extractor,omitempty"`
	// Store is how the step keeps its state.
	Store *Store `json:"store,omitempty"`
	// Window is the window of windowedBy and of joins of streams.
	Window *Window `json:"window,omitempty"`
	// Buffer is how much a suppression holds. Default: everything.
	Buffer *Buffer `json:"buffer,omitempty"`
	// Stores are the stores that a processor uses.
	Stores []string `json:"stores,omitempty"`
	// Names are names of branches, or the child that a processor forwards to.
	Names []string `json:"names,omitempty"`
	// Millis is the time of a suppression, or between punctuations.
	Millis int64 `json:"millis,omitempty"`
	// Partitions is the number of partitions of a repartition. Default: unset.
	Partitions int `json:"partitions,omitempty"`
}

// Store is how a step keeps its state.
type Store struct {
	// Name is the store's name. Default: generated.
	Name string `json:"name,omitempty"`
	// Kind is generated for a store with a generated name where there could be none,
	// versioned, timestamped, or empty.
	Kind string `json:"kind,omitempty"`
	// Caching turns the cache on or off. Default: unset.
	Caching *bool `json:"caching,omitempty"`
	// Logging turns the changelog on or off. Default: unset.
	Logging *bool `json:"logging,omitempty"`
	// Retention is that of windows, in milliseconds. Default: unset.
	Retention int64 `json:"retention,omitempty"`
	// History is how long a versioned store keeps versions, in milliseconds.
	History int64 `json:"history,omitempty"`
}

// Window is a window of any kind, in milliseconds.
type Window struct {
	// Kind is time, sliding, session or unlimited.
	Kind string `json:"kind,omitempty"`
	// Size is the size, the gap of a session, or the time difference of a join.
	Size int64 `json:"size,omitempty"`
	// Advance is the distance of hopping windows. Default: Size.
	Advance int64 `json:"advance,omitempty"`
	// Grace is the grace; -1 is none given.
	Grace int64 `json:"grace"`
	// After is how much later the other record of a join may be; -1 is Size.
	After int64 `json:"after"`
}

// Buffer is how much a suppression holds.
type Buffer struct {
	// Records is the most records, Bytes the most bytes; one of them is given.
	Records int64 `json:"records,omitempty"`
	Bytes   int64 `json:"bytes,omitempty"`
	// Shutdown ends the app when the buffer is full, instead of forwarding early.
	Shutdown bool `json:"shutdown,omitempty"`
}

// Event is a record, a move of the wall clock, or a commit.
type Event struct {
	// Topic is where the record goes; empty for the other kinds.
	Topic string `json:"topic,omitempty"`
	// Key and Value are text; nil is null.
	Key   *string `json:"key,omitempty"`
	Value *string `json:"value,omitempty"`
	// TS is the record's timestamp in milliseconds.
	TS int64 `json:"ts,omitempty"`
	// Headers are names and values in turn.
	Headers [][]string `json:"headers,omitempty"`
	// Advance moves the wall clock by milliseconds.
	Advance int64 `json:"advance,omitempty"`
	// Commit ends the epoch.
	Commit bool `json:"commit,omitempty"`
}

// Answer is what one side makes of a case: OK, Error or Missing is set.
type Answer struct {
	// ID is the case's.
	ID string `json:"id"`
	// OK is what came out.
	OK *Result `json:"ok,omitempty"`
	// Error says why nothing did.
	Error *Failure `json:"error,omitempty"`
	// Missing is what our side does not have.
	Missing string `json:"missing,omitempty"`
}

// Result is what a case that ran to its end has left.
type Result struct {
	// Describe is the description of the topology.
	Describe string `json:"describe"`
	// Topics are the records of each topic that was written, repartition topics too.
	// A record is its key, value and timestamp, and headers if there are any.
	Topics map[string][]Record `json:"topics"`
	// Changelogs are the live records of each changelog, sorted. nil if not known.
	Changelogs map[string][]Record `json:"changelogs"`
	// Stores are lines of key, value and timestamp, sorted. nil if not known.
	Stores map[string][]string `json:"stores"`
	// Dropped is how many records the app has counted as dropped.
	Dropped int `json:"dropped"`
	// Seen is what foreach and peek saw.
	Seen []string `json:"seen"`
}

// Failure is an error.
type Failure struct {
	// Stage is build or run.
	Stage string `json:"stage"`
	// Class is the class of Java's exception.
	Class string `json:"class,omitempty"`
	// Message is the text.
	Message string `json:"message"`
}
