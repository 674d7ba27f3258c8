package connecttest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
)

// brokenEnv names the broken implementation that TestBroken runs a suite on.
const brokenEnv = "SUIRO_BROKEN_IMPLEMENTATION"

// broken are implementations that break a promise, each with a part of the message
// with which its suite fails.
var broken = map[string]struct {
	run  func(t *testing.T)
	want string
}{
	"converter that changes its bytes": {func(t *testing.T) {
		connecttest.RunConverter(t, func(*testing.T) connect.Converter { return upperConverter{} },
			connecttest.Value{Data: "a"})
	}, "ToConnect changed its bytes"},
	"header converter that forgets": {func(t *testing.T) {
		connecttest.RunHeaderConverter(t, func(*testing.T) connect.HeaderConverter { return forgetful{} },
			connecttest.Value{Data: "a"})
	}, `"a" came back as ""`},
	"converter that refuses null": {func(t *testing.T) {
		connecttest.RunConverter(t, func(*testing.T) connect.Converter { return nullConverter{} },
			connecttest.Value{Data: "a"})
	}, "a tombstone is not a bad record"},
	"transform that edits": {func(t *testing.T) {
		connecttest.RunTransform(t, transformFunc(func(r *connect.Record) (*connect.Record, error) {
			_, v, _ := r.Value.Decode()
			v.(map[string]any)["n"] = int64(2)
			return r, nil
		}), mapRecord())
	}, "Apply changed its record"},
	"transform that remembers": {func(t *testing.T) {
		var mu sync.Mutex
		calls := 0
		connecttest.RunTransform(t, transformFunc(func(r *connect.Record) (*connect.Record, error) {
			mu.Lock()
			defer mu.Unlock()
			calls++
			out := *r
			out.Value = connect.Decoded(nil, int64(calls))
			return &out, nil
		}), mapRecord())
	}, "before it was"},
	"predicate that always holds": {func(t *testing.T) {
		connecttest.RunPredicate(t, always{}, mapRecord(), mapRecord())
	}, "want false"},
	"source that skips": {func(t *testing.T) {
		connecttest.RunSource(t, connect.SourcePlugin{New: func() connect.SourceConnector { return skipping{} }},
			func(*testing.T) connecttest.SourceCase { return connecttest.SourceCase{Want: []string{"a", "b"}} })
	}, `came [], want ["b"]`},
	"sink that commits before it writes": {func(t *testing.T) {
		connecttest.RunSink(t, connect.SinkPlugin{New: func() connect.SinkConnector { return hasty{} }},
			func(*testing.T) connecttest.SinkCase {
				return connecttest.SinkCase{Written: func(testing.TB) []string { return nil }}
			})
	}, "offset 0 is not written"},
}

// TestBroken runs a suite on the broken implementation that the environment
// names, in a process of its own.
func TestBroken(t *testing.T) {
	if name := os.Getenv(brokenEnv); name != "" {
		broken[name].run(t)
		return
	}
	for name, b := range broken {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestBroken$")
			cmd.Env = append(os.Environ(), brokenEnv+"="+name)
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), b.want) {
				t.Errorf("the suite ended with %v and said\n%s\nwant a failure with %q", err, out, b.want)
			}
		})
	}
}

func TestSuitesPassWhatKeepsItsPromises(t *testing.T) {
	text := connecttest.Converter{Fmt: connect.FormatString}
	connecttest.RunConverter(t, func(*testing.T) connect.Converter { return text }, connecttest.Value{Data: "a"})
	connecttest.RunTransform(t, transformFunc(func(r *connect.Record) (*connect.Record, error) { return r, nil }),
		mapRecord())
	connecttest.RunSink(t, connect.SinkPlugin{New: func() connect.SinkConnector { return hasty{} }},
		func(*testing.T) connecttest.SinkCase {
			out := &honest{}
			return connecttest.SinkCase{NewTask: func() connect.SinkTask { return &honest{all: out} },
				Written: func(testing.TB) []string { return out.lines }}
		})
}

func mapRecord() *connect.Record {
	return &connect.Record{Topic: "t", Value: connect.Decoded(nil, map[string]any{"n": int64(1)})}
}

type transformFunc func(*connect.Record) (*connect.Record, error)

func (f transformFunc) Apply(r *connect.Record) (*connect.Record, error) { return f(r) }

type always struct{}

func (always) Test(*connect.Record) (bool, error) { return true, nil }

type upperConverter struct{}

func (upperConverter) Format() string { return "" }
func (upperConverter) FromConnect(_ string, _ *data.Schema, v any) ([]byte, error) {
	return fmt.Append(nil, v), nil
}
func (upperConverter) ToConnect(_ string, raw []byte) (*data.Schema, any, error) {
	s := string(raw)
	copy(raw, bytes.ToUpper(raw))
	return nil, s, nil
}

// forgetful is a header converter that reads every header as empty text.
type forgetful struct{}

func (forgetful) FromConnectHeader(_, _ string, _ *data.Schema, v any) ([]byte, error) {
	return fmt.Append(nil, v), nil
}

func (forgetful) ToConnectHeader(_, _ string, raw []byte) (*data.Schema, any, error) {
	return nil, "", nil
}

type nullConverter struct{ connecttest.Converter }

func (nullConverter) ToConnect(_ string, raw []byte) (*data.Schema, any, error) {
	if raw == nil {
		return nil, nil, fmt.Errorf("null")
	}
	return nil, string(raw), nil
}

// skipping reads two values and gives both the offset after the second.
type skipping struct{}

func (skipping) Start(context.Context, config.Values) error    { return nil }
func (skipping) TaskConfigs(int) ([]map[string]string, error)  { return connect.SameConfig(1), nil }
func (skipping) NewTask() connect.SourceTask                   { return &skippingTask{} }
func (skipping) Stop() error                                   { return nil }
func (*skippingTask) Committed(map[string]any, map[string]any) {}
func (*skippingTask) Stop() error                              { return nil }
func (s *skippingTask) value(v string) *connect.SourceRecord {
	return &connect.SourceRecord{Record: connect.Record{Topic: "t",
		Value: connect.Undecoded("t", []byte(v), connecttest.Converter{Fmt: connect.FormatString})},
		SourcePartition: map[string]any{"p": 1}, SourceOffset: map[string]any{"n": 2}}
}

type skippingTask struct{ left []string }

func (s *skippingTask) Start(ctx context.Context, tc connect.SourceContext, _ config.Values) error {
	kept, err := tc.Offset(ctx, map[string]any{"p": 1})
	if kept == nil {
		s.left = []string{"a", "b"}
	}
	return err
}

func (s *skippingTask) Poll(context.Context) ([]*connect.SourceRecord, error) {
	if len(s.left) == 0 {
		return nil, connect.ErrEndOfInput
	}
	records := []*connect.SourceRecord{s.value(s.left[0]), s.value(s.left[1])}
	s.left = nil
	return records, nil
}

// hasty is a sink connector whose tasks write nothing and commit everything.
type hasty struct{}

func (hasty) Start(context.Context, config.Values) error     { return nil }
func (hasty) TaskConfigs(n int) ([]map[string]string, error) { return connect.SameConfig(n), nil }
func (hasty) NewTask() connect.SinkTask                      { return &memorySink{} }
func (hasty) Stop() error                                    { return nil }

// honest writes at once, to the lines of all, which is shared by several tasks.
type honest struct {
	memorySink
	all   *honest
	lines []string
}

func (h *honest) Put(_ context.Context, records []*connect.SinkRecord) error {
	for _, r := range records {
		_, v, err := r.Value.Decode()
		if err != nil {
			if err := h.tc.Report(r, err, nil); err != nil {
				return err
			}
			continue
		}
		text, err := json.Marshal(v)
		if err != nil {
			return err
		}
		h.all.lines = append(h.all.lines, string(text))
	}
	return nil
}
