package parsers_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/connecttest/workertest"
	"github.com/suiro/suiro/transforms/parsers"
)

// shelf is a sink that keeps the values that it is given.
type shelf struct {
	mu     sync.Mutex // guards values
	values []any
}

func (s *shelf) plugin() connect.SinkPlugin {
	return connect.SinkPlugin{Info: connect.Info{Class: "Shelf"}, New: func() connect.SinkConnector { return s }}
}

func (*shelf) Start(context.Context, config.Values) error     { return nil }
func (*shelf) TaskConfigs(n int) ([]map[string]string, error) { return connect.SameConfig(n), nil }
func (*shelf) Stop() error                                    { return nil }
func (s *shelf) NewTask() connect.SinkTask                    { return shelfTask{s} }

// all returns the values as text.
func (s *shelf) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]string, len(s.values))
	for i, v := range s.values {
		out[i] = fmt.Sprint(v)
	}
	return out
}

type shelfTask struct{ *shelf }

func (shelfTask) Start(context.Context, connect.SinkContext, config.Values) error { return nil }
func (shelfTask) Open(context.Context, []connect.TopicPartition) error            { return nil }

func (t shelfTask) Put(_ context.Context, records []*connect.SinkRecord) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range records {
		_, v, err := r.Value.Decode()
		if err != nil {
			return err
		}
		t.values = append(t.values, v)
	}
	return nil
}

func (shelfTask) PreCommit(_ context.Context, current connect.Offsets) (connect.Offsets, error) {
	return current, nil
}

func (shelfTask) Close(context.Context, []connect.TopicPartition, bool) error { return nil }

// Text that cannot be read becomes a dead letter that says where and why, and the
// records around it arrive as data.
func TestBadTextBecomesADeadLetter(t *testing.T) {
	for class, c := range map[string]struct {
		plugin connect.TransformPlugin
		props  map[string]string
		in     []string // the second is bad
		want   []string
		reason string
	}{
		"suiro.ParseJson$Value": {parsers.ParseJSONValuePlugin(), nil,
			[]string{`{"n":1}`, `{"n":`, `{"n":2}`}, []string{"map[n:1]", "map[n:2]"},
			"parse json in the value of topic in: invalid data: byte 5: unexpected end of JSON, want a value"},
		"suiro.ParseLtsv$Value": {parsers.ParseLTSVValuePlugin(), map[string]string{"ltsv.types": "status:int"},
			[]string{"status:200", "status:many", "status:404"}, []string{"map[status:200]", "map[status:404]"},
			"parse ltsv in the value of topic in: ltsv: line 1, byte 8, label \"status\": value does not fit its type: " +
				"\"many\" is not an int"},
		"suiro.UnpackCookie$Value": {parsers.UnpackCookieValuePlugin(), map[string]string{"cookies": "sid"},
			[]string{"sid=1; lang=ja", "sid", "sid=2"}, []string{"map[sid:1]", "map[sid:2]"},
			"parse cookie in the value of topic in: broken cookie: want name=value at \"sid\""},
	} {
		t.Run(class, func(t *testing.T) {
			s := &shelf{}
			w := workertest.New(t, connect.Plugins{Sinks: []connect.SinkPlugin{s.plugin()},
				Transforms: []connect.TransformPlugin{c.plugin}}, nil)
			w.CreateTopic("in", 1)
			props := map[string]string{"name": "out", "connector.class": "Shelf", "topics": "in",
				"transforms": "parse", "transforms.parse.type": class, "errors.tolerance": "all",
				"errors.deadletterqueue.topic.name": "bad", "errors.deadletterqueue.topic.replication.factor": "1",
				"errors.deadletterqueue.context.headers.enable": "true"}
			for k, v := range c.props {
				props["transforms.parse."+k] = v
			}
			w.Start(props)
			w.Produce("in", c.in...)

			l := w.DeadLetters("bad", 1)[0]
			if l.Stage != "TRANSFORMATION" || l.Class != class || !strings.HasPrefix(l.Reason, c.reason) ||
				string(l.Value) != c.in[1] || l.OriginalTopic != "in" || l.OriginalOffset != 1 {
				t.Errorf("dead letter = %+v,\nwant %q of %s@1 in TRANSFORMATION, because %s", l, c.in[1], class, c.reason)
			}
			w.AwaitCommitted("out", "in")
			if got := s.all(); !slices.Equal(got, c.want) {
				t.Errorf("the sink got %q, want %q", got, c.want)
			}
		})
	}
}
