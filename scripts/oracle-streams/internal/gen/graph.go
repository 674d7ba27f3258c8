package gen

import (
	"fmt"
	"slices"

	"github.com/suiro/suiro/scripts/oracle-streams/internal/cases"
)

// graph is a topology in the making.
type graph struct {
	g      *Gen
	steps  []cases.Step
	topics []string // that it reads
	count  int
	sinks  int
}

// add adds a step with a result and returns the result's name.
func (t *graph) add(s cases.Step) string {
	t.count++
	out := fmt.Sprintf("n%d", t.count)
	s.Out = []string{out}
	t.steps = append(t.steps, s)
	return out
}

// op adds an operator with functions below a node.
func (t *graph) op(op, in string, fns ...string) string {
	return t.add(cases.Step{Op: op, In: []string{in}, Fns: fns, Name: t.name(op)})
}

// name names a node now and then.
func (t *graph) name(of string) string {
	if !t.g.chance(4) {
		return ""
	}
	t.count++
	return fmt.Sprintf("my-%s-%d", of, t.count)
}

// source reads a topic of its own.
func (t *graph) source(op string) string {
	topic := fmt.Sprintf("in%d", len(t.topics))
	t.topics = append(t.topics, topic)
	s := cases.Step{Op: op, Topics: []string{topic}, Name: t.name(op)}
	if op != "stream" {
		s.Store = t.store()
	}
	return t.add(s)
}

// store says how state is kept; nil leaves all to the defaults.
func (t *graph) store() *cases.Store {
	s := &cases.Store{}
	if t.g.chance(60) {
		t.count++
		s.Name = fmt.Sprintf("store%d", t.count)
	}
	if t.g.chance(15) {
		s.Caching = ptr(t.g.chance(50))
	}
	if t.g.chance(8) {
		s.Logging = ptr(false)
	}
	if *s == (cases.Store{}) {
		return nil
	}
	return s
}

// stateless adds up to n operators that keep no state.
func (t *graph) stateless(in string, n int) string {
	for range t.g.rand.IntN(n + 1) {
		in = t.one(in, pick(t.g, "filter", "filterNot", "mapValues", "flatMapValues", "peek", "map", "selectKey"))
	}
	return in
}

// one adds a stateless operator with one of its functions.
func (t *graph) one(in, op string) string {
	switch op {
	case "filter", "filterNot":
		return t.op(op, in, pick(t.g, "has-a", "key-odd", "not-null", "long"))
	case "mapValues":
		return t.op(op, in, pick(t.g, "bang", "len", "nil-if-b", "was-null", "same"))
	case "flatMapValues":
		return t.op(op, in, pick(t.g, "words", "twice"))
	case "map":
		return t.op(op, in, pick(t.g, "swap", "prefix", "first", "nil"))
	case "flatMap":
		return t.op(op, in, pick(t.g, "words", "both"))
	case "selectKey":
		return t.op(op, in, pick(t.g, "first", "value", "prefix", "const"))
	}
	return t.op(op, in)
}

// sink writes a stream to a topic of its own.
func (t *graph) sink(in string) {
	t.sinks++
	t.steps = append(t.steps, cases.Step{Op: "to", In: []string{in}, Topics: []string{fmt.Sprintf("out%d", t.sinks)},
		Name: t.name("to")})
}

// sinkTable writes a table to a topic.
func (t *graph) sinkTable(in string) { t.sink(t.op("toStream", in)) }

// finish sends records through the topology.
func (t *graph) finish(tag string) {
	c := cases.Case{Tag: tag, Steps: t.steps, Input: t.g.events(t.topics, slices.ContainsFunc(t.steps, usesClock))}
	if t.g.chance(50) {
		c.Config = map[string]string{"statestore.cache.max.bytes": "1000000"}
	}
	t.g.emit(c)
}

func usesClock(s cases.Step) bool { return slices.Contains(s.Fns, "wall-ticks") }
