package workertest_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/connecttest"
)

// shelf is an outside system: lines that sink tasks have written. A task writes at
// once, unless it is late; it then writes when it is asked what is safe.
type shelf struct {
	mu    sync.Mutex // guards lines
	lines []string

	late  bool // writes in PreCommit
	hasty bool // says that everything is safe, and always holds a line back
	once  bool // drops what is there already, as an exactly-once sink does
	blind bool // drops bad records without a word
}

func (s *shelf) put(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.once && slices.Contains(s.lines, line) {
		return
	}
	s.lines = append(s.lines, line)
}

func (s *shelf) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.lines)
}

func (s *shelf) plugin() connect.SinkPlugin {
	return connect.SinkPlugin{Info: connect.Info{Class: "Shelf", Version: "1"},
		New: func() connect.SinkConnector { return shelfConnector{s} }}
}

type shelfConnector struct{ s *shelf }

func (shelfConnector) Start(context.Context, config.Values) error { return nil }
func (shelfConnector) TaskConfigs(n int) ([]map[string]string, error) {
	return connect.SameConfig(n), nil
}
func (c shelfConnector) NewTask() connect.SinkTask { return &shelfTask{s: c.s} }
func (shelfConnector) Stop() error                 { return nil }

type shelfTask struct {
	s       *shelf
	tc      connect.SinkContext
	waiting []string
	stopped bool
}

func (t *shelfTask) Start(_ context.Context, tc connect.SinkContext, _ config.Values) error {
	t.tc = tc
	return nil
}
func (t *shelfTask) Open(context.Context, []connect.TopicPartition) error { return nil }

func (t *shelfTask) Put(_ context.Context, records []*connect.SinkRecord) error {
	if n := len(t.waiting); t.s.hasty && n > 1 {
		last := t.waiting[n-1]
		t.waiting = t.waiting[:n-1]
		t.write()
		t.waiting = []string{last}
	}
	for _, r := range records {
		if _, _, err := r.Value.Decode(); err != nil && t.s.blind {
			continue
		} else if err != nil {
			if err := t.tc.Report(r, err, nil); err != nil {
				return err
			}
			continue
		}
		t.waiting = append(t.waiting, string(r.Value.Bytes()))
	}
	if !t.s.late && !t.s.hasty {
		t.write()
	}
	return nil
}

func (t *shelfTask) write() {
	for _, line := range t.waiting {
		t.s.put(line)
	}
	t.waiting = nil
}

func (t *shelfTask) PreCommit(_ context.Context, current connect.Offsets) (connect.Offsets, error) {
	if !t.s.hasty {
		t.write()
	}
	return current, nil
}

func (t *shelfTask) Close(context.Context, []connect.TopicPartition, bool) error {
	t.waiting = nil
	return nil
}

func (t *shelfTask) Stop() error {
	t.stopped = true
	return nil
}

// script is an input of lines, which a source task reads a few at a time.
type script struct {
	lines []string
	skip  bool // keeps an offset too far
	slow  bool // keeps an offset from before
	wait  bool // does not end

	mu      sync.Mutex // guards stopped
	stopped int
}

func (s *script) plugin() connect.SourcePlugin {
	return connect.SourcePlugin{Info: connect.Info{Class: "Script", Version: "1", Def: config.New(
		config.Key{Name: "topic", Type: config.String, Required: true, Doc: "Topic to write to."})},
		New: func() connect.SourceConnector { return &scriptConnector{s: s} }}
}

func numbered(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("line %d", i)
	}
	return out
}

type scriptConnector struct{ s *script }

func (*scriptConnector) Start(context.Context, config.Values) error { return nil }
func (*scriptConnector) TaskConfigs(int) ([]map[string]string, error) {
	return connect.SameConfig(1), nil
}
func (c *scriptConnector) NewTask() connect.SourceTask { return &scriptTask{s: c.s} }
func (*scriptConnector) Stop() error                   { return nil }

type scriptTask struct {
	s     *script
	topic string
	next  int
}

var scriptPartition = map[string]any{"script": "all"}

func (t *scriptTask) Start(ctx context.Context, tc connect.SourceContext, v config.Values) error {
	t.topic = v.String("topic")
	kept, err := tc.Offset(ctx, scriptPartition)
	if n, ok := kept["line"].(int64); ok {
		t.next = int(n)
	}
	return err
}

func (t *scriptTask) Poll(ctx context.Context) ([]*connect.SourceRecord, error) {
	if ctx.Err() != nil {
		return nil, nil
	}
	if t.next >= len(t.s.lines) && t.s.wait {
		<-ctx.Done()
		return nil, nil
	}
	if t.next >= len(t.s.lines) {
		return nil, connect.ErrEndOfInput
	}
	var records []*connect.SourceRecord
	for range min(3, len(t.s.lines)-t.next) {
		line := t.s.lines[t.next]
		t.next++
		offset := t.next
		switch {
		case t.s.skip:
			offset = min(t.next+5, len(t.s.lines))
		case t.s.slow:
			offset = max(t.next-2, 0)
		}
		records = append(records, &connect.SourceRecord{
			Record: connect.Record{Topic: t.topic, Value: connect.Undecoded(t.topic, []byte(line),
				connecttest.Converter{Fmt: connect.FormatString})},
			SourcePartition: scriptPartition, SourceOffset: map[string]any{"line": offset}})
	}
	return records, nil
}

func (*scriptTask) Committed(map[string]any, map[string]any) {}

func (t *scriptTask) Stop() error {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	t.s.stopped++
	return nil
}

// panicky is a sink that cannot take anything.
type panicky struct{ shelfTask }

func (*panicky) Put(_ context.Context, records []*connect.SinkRecord) error {
	if len(records) > 0 {
		panic("no room for " + strings.Repeat("x", len(records)))
	}
	return nil
}
