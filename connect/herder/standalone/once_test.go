package standalone_test

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"sync"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kfake"
)

// tally counts what is done with a configuration.
type tally struct {
	mu   sync.Mutex // guards seen
	seen map[string]int
}

func (c *tally) add(what string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[what]++
	return c.seen[what]
}

func (c *tally) counts() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.seen)
}

// plugins are a sink of two tasks, whose first lives fail, and a converter and a
// transform; all are counted.
func (c *tally) plugins() connect.Plugins {
	counted := config.Func("anything", func(any) error { c.add("key parsed"); return nil })
	return connect.Plugins{
		Sinks: []connect.SinkPlugin{{
			Info: connect.Info{Class: "CountedSink", Def: config.New(config.Key{Name: "flush.size", Type: config.Int, Valid: counted})},
			New:  func() connect.SinkConnector { return countedSink{c} },
		}},
		Converters: []connect.ConverterPlugin{{Info: connect.Info{Class: "Text"},
			New: func(config.Values, bool) (connect.Converter, error) {
				c.add("converter made")
				return connecttest.Converter{Fmt: connect.FormatString}, nil
			}}},
		Transforms: []connect.TransformPlugin{{Info: connect.Info{Class: "Same"},
			New: func(config.Values) (connect.Transform, error) { c.add("transform made"); return same{}, nil }}},
	}
}

type same struct{}

func (same) Apply(r *connect.Record) (*connect.Record, error) { return r, nil }

type countedSink struct{ c *tally }

func (s countedSink) Start(_ context.Context, v config.Values) error { return s.check(v) }
func (s countedSink) TaskConfigs(int) ([]map[string]string, error)   { return connect.SameConfig(2), nil }
func (s countedSink) NewTask() connect.SinkTask                      { return &countedTask{countedSink: s} }
func (s countedSink) Stop() error                                    { return nil }

func (s countedSink) check(v config.Values) error {
	if got := v.Int("flush.size"); got != 7 {
		return errors.New("the value did not arrive")
	}
	return nil
}

type countedTask struct {
	connect.SinkTask
	countedSink
}

func (t *countedTask) Start(_ context.Context, _ connect.SinkContext, v config.Values) error {
	if t.c.add("task started") <= 2 {
		return errors.New("the first lives fail")
	}
	return t.check(v)
}
func (t *countedTask) Stop() error                                                 { return nil }
func (t *countedTask) Open(context.Context, []connect.TopicPartition) error        { return nil }
func (t *countedTask) Put(context.Context, []*connect.SinkRecord) error            { return nil }
func (t *countedTask) Close(context.Context, []connect.TopicPartition, bool) error { return nil }
func (t *countedTask) PreCommit(context.Context, connect.Offsets) (connect.Offsets, error) {
	return nil, nil
}

func TestAKeyIsParsedOnceAndConvertersAreMadeOnce(t *testing.T) {
	k := kafkatest.Start(t, kfake.SeedTopics(1, "lines"))
	c := &tally{seen: map[string]int{}}
	h := newHerder(t, map[string]string{"bootstrap.servers": k.ListenAddrs()[0], "key.converter": "Text",
		"value.converter": "Text", "offset.storage.file.filename": filepath.Join(t.TempDir(), "offsets")}, c.plugins())
	prepared, err := h.Prepare(api.CreateConnectorRequest{Name: "sink", Config: map[string]string{
		"connector.class": "CountedSink", "topics": "lines", "flush.size": "7", "tasks.max": "2",
		"transforms": "t", "transforms.t.type": "Same", "errors.restart.delay.ms": "1", "errors.restart.delay.max.ms": "1"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := prepared.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	kafkatest.Eventually(t, "four lives of two tasks", func() bool { return c.counts()["task started"] >= 4 })
	if err := h.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"key parsed": 1, "converter made": 2, "transform made": 1, "task started": 4}
	if got := c.counts(); !maps.Equal(got, want) {
		t.Errorf("from file to the second life of each task: %v, want %v (a converter for keys and one for values)", got, want)
	}
}
