package workertest

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
)

// errKilled is what the worker gets of a plugin once its process is killed. Nobody
// is left to see it.
var errKilled = errors.New("the process is killed")

// gate stands between a worker and the connectors of its plugins. Once it is shut
// no call gets through, and a call that is under way does not return before
// [gate.release], so that the worker cannot act on it.
type gate struct {
	// passed is called before each call of a task, with the method's name; it may
	// shut the gate. It is called from the worker's goroutines.
	passed func(g *gate, method string)

	shut, released chan struct{}
	shutting       sync.Once

	mu   sync.Mutex // guards left
	left []func()   // stop what the worker has not stopped, last first
}

func newGate(passed func(*gate, string)) *gate {
	if passed == nil {
		passed = func(*gate, string) {}
	}
	return &gate{passed: passed, shut: make(chan struct{}), released: make(chan struct{})}
}

// close shuts the gate.
func (g *gate) close() { g.shutting.Do(func() { close(g.shut) }) }

// release lets the calls under way fail.
func (g *gate) release() { close(g.released) }

// leave notes how to stop something that the worker may not come to stop.
func (g *gate) leave(stop func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.left = append(g.left, stop)
}

// cleanUp stops what was left.
func (g *gate) cleanUp() {
	g.mu.Lock()
	left := g.left
	g.left = nil
	g.mu.Unlock()
	for i := len(left) - 1; i >= 0; i-- {
		left[i]()
	}
}

func (g *gate) isShut() bool {
	select {
	case <-g.shut:
		return true
	default:
		return false
	}
}

// result is what a call of a plugin came to.
type result[T any] struct {
	value T
	err   error
	panic any
}

// through makes a call of a plugin, in a goroutine of its own that outlives a kill.
func through[T any](g *gate, method string, call func() (T, error)) (T, error) {
	var none T
	g.passed(g, method)
	if g.isShut() {
		<-g.released
		return none, errKilled
	}
	done := make(chan result[T], 1)
	go func() {
		var r result[T]
		defer func() {
			if p := recover(); p != nil {
				r.panic = fmt.Sprintf("%v\n%s", p, debug.Stack())
			}
			done <- r
		}()
		r.value, r.err = call()
	}()
	select {
	case r := <-done:
		if g.isShut() {
			break
		}
		if r.panic != nil {
			panic(r.panic)
		}
		return r.value, r.err
	case <-g.shut:
	}
	<-g.released
	return none, errKilled
}

// do is through for calls that return an error alone.
func (g *gate) do(method string, call func() error) error {
	_, err := through(g, method, func() (struct{}, error) { return struct{}{}, call() })
	return err
}

// plugins returns the plugins with their connectors behind the gate.
func (g *gate) plugins(p connect.Plugins) connect.Plugins {
	behind := connect.Plugins{Converters: p.Converters, HeaderConverters: p.HeaderConverters,
		Transforms: p.Transforms, Predicates: p.Predicates}
	for _, s := range p.Sources {
		create := s.New
		s.New = func() connect.SourceConnector {
			c := create()
			return &gatedSource{gatedConnector{g, c}, c}
		}
		behind.Sources = append(behind.Sources, s)
	}
	for _, s := range p.Sinks {
		create := s.New
		s.New = func() connect.SinkConnector {
			c := create()
			return &gatedSink{gatedConnector{g, c}, c}
		}
		behind.Sinks = append(behind.Sinks, s)
	}
	return behind
}

type gatedConnector struct {
	gate  *gate
	inner connect.Connector
}

var _ connect.Initializer = gatedConnector{}

// Initialize implements [connect.Initializer], for a connector that does.
func (c gatedConnector) Initialize(cc connect.ConnectorContext) {
	if i, ok := c.inner.(connect.Initializer); ok {
		_ = c.gate.do("Connector.Initialize", func() error {
			i.Initialize(cc)
			return nil
		})
	}
}

// Start implements [connect.Connector].
func (c gatedConnector) Start(ctx context.Context, v config.Values) error {
	return c.gate.do("Connector.Start", func() error { return c.inner.Start(ctx, v) })
}

// TaskConfigs implements [connect.Connector].
func (c gatedConnector) TaskConfigs(maxTasks int) ([]map[string]string, error) {
	return through(c.gate, "Connector.TaskConfigs",
		func() ([]map[string]string, error) { return c.inner.TaskConfigs(maxTasks) })
}

// Stop implements [connect.Connector].
func (c gatedConnector) Stop() error { return c.gate.do("Connector.Stop", c.inner.Stop) }

type gatedSource struct {
	gatedConnector
	source connect.SourceConnector
}

// NewTask implements [connect.SourceConnector].
func (c *gatedSource) NewTask() connect.SourceTask {
	task := c.source.NewTask()
	gated := &gatedSourceTask{calls: newCalls(c.gate, task.Stop), inner: task}
	observer, ok := task.(connect.WriteObserver)
	if !ok {
		return gated
	}
	observing := &gatedObserver{gated, observer}
	if batches, ok := task.(connect.BatchTask); ok {
		return &gatedBatchTask{observing, batches}
	}
	return observing
}

type gatedSink struct {
	gatedConnector
	sink connect.SinkConnector
}

// NewTask implements [connect.SinkConnector].
func (c *gatedSink) NewTask() connect.SinkTask {
	task := c.sink.NewTask()
	return &gatedSinkTask{calls: newCalls(c.gate, task.Stop), inner: task}
}
