package workertest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
)

// TransformCase is a transform with three records, of which it refuses the second.
type TransformCase struct {
	// Props are the transform's keys, without transforms.<alias>.
	Props map[string]string
	// Converter is that of values. Default: [TextConverter].
	Converter string
	// In are the values of the records.
	In [3]string
	// Want are the values that a sink gets of the first and the third, as fmt prints them.
	Want [2]string
	// Reason is how the reason in the dead letter begins.
	Reason string
}

// RunTransform runs a transform in the worker of a sink: what it refuses becomes a dead
// letter, which says where and why and has the value as it came, and the records around it
// arrive.
func RunTransform(t *testing.T, plugin connect.TransformPlugin, c TransformCase) {
	t.Helper()
	s := &shelf{}
	w := New(t, connect.Plugins{Transforms: []connect.TransformPlugin{plugin},
		Sinks: []connect.SinkPlugin{{Info: connect.Info{Class: "Shelf"},
			New: func() connect.SinkConnector { return connect.SinkOf(func() connect.SinkTask { return s }) }}}}, nil)
	w.CreateTopic("in", 1)
	props := map[string]string{"name": "out", "connector.class": "Shelf", "topics": "in",
		"transforms": "it", "transforms.it.type": plugin.Class, "errors.tolerance": "all",
		"errors.deadletterqueue.topic.name": "bad", "errors.deadletterqueue.topic.replication.factor": "1",
		"errors.deadletterqueue.context.headers.enable": "true"}
	for k, v := range c.Props {
		props["transforms.it."+k] = v
	}
	if c.Converter != "" {
		props["value.converter"] = c.Converter
	}
	w.Start(props)
	w.Produce("in", c.In[:]...)

	l := w.DeadLetters("bad", 1)[0]
	if l.Stage != "TRANSFORMATION" || l.Class != plugin.Class || !strings.HasPrefix(l.Reason, c.Reason) ||
		string(l.Value) != c.In[1] || l.OriginalTopic != "in" || l.OriginalOffset != 1 {
		t.Errorf("dead letter = %+v,\nwant %q of %s@1 in TRANSFORMATION, because %s", l, c.In[1], plugin.Class, c.Reason)
	}
	w.AwaitCommitted("out", "in")
	if got := s.all(); !slices.Equal(got, c.Want[:]) {
		t.Errorf("the sink got %q, want %q", got, c.Want)
	}
}

// shelf is the task of a sink that keeps the values that it is given.
type shelf struct {
	mu     sync.Mutex // guards values
	values []string
}

func (s *shelf) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.values)
}

// Start implements [connect.SinkTask].
func (*shelf) Start(context.Context, connect.SinkContext, config.Values) error { return nil }

// Open implements [connect.SinkTask].
func (*shelf) Open(context.Context, []connect.TopicPartition) error { return nil }

// Put implements [connect.SinkTask].
func (s *shelf) Put(_ context.Context, records []*connect.SinkRecord) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range records {
		_, v, err := r.Value.Decode()
		if err != nil {
			return err
		}
		s.values = append(s.values, fmt.Sprint(v))
	}
	return nil
}

// PreCommit implements [connect.SinkTask].
func (*shelf) PreCommit(_ context.Context, current connect.Offsets) (connect.Offsets, error) {
	return current, nil
}

// Close implements [connect.SinkTask].
func (*shelf) Close(context.Context, []connect.TopicPartition, bool) error { return nil }

// Stop implements [connect.SinkTask].
func (*shelf) Stop() error { return nil }
