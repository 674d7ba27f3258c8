//go:build integration

package cluster_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/client"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// load is what passes through the connectors: numbered lines, from a file for each of
// some sources to a topic for each, and from all topics to one sink's file.
//
//	lines-0 ─▶ source-0 ─▶ topic-0 ─▶┐
//	lines-1 ─▶ source-1 ─▶ topic-1 ─▶┴▶ sink ─▶ out
type load struct {
	s       *stage
	dir     string
	sources int
	tasks   int // of the sink

	stop    context.CancelFunc
	stopped sync.WaitGroup
	written []int // lines in the file of each source, once it is stopped
}

// newLoad makes load for so many sources, and a sink with so many tasks.
func newLoad(s *stage, sources, tasks int) *load {
	s.t.Helper()
	l := &load{s: s, dir: s.t.TempDir(), sources: sources, tasks: tasks, written: make([]int, sources)}
	topics := l.topics()
	made, err := s.admin.CreateTopics(s.t.Context(), 2, -1, nil, topics...)
	if err := errors.Join(err, made.Error()); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		_, _ = s.admin.DeleteTopics(context.WithoutCancel(s.t.Context()), topics...)
		_, _ = s.admin.DeleteGroups(context.WithoutCancel(s.t.Context()), "connect-"+l.sink())
	})
	for _, path := range append(l.inputs(), l.out()) {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
	return l
}

// units is how many connectors and tasks run.
func (l *load) units() int { return l.sources*2 + 1 + l.tasks }

func (l *load) topic(i int) string { return fmt.Sprintf("%s-lines-%d", l.s.group, i) }
func (l *load) topics() []string {
	out := make([]string, l.sources)
	for i := range out {
		out[i] = l.topic(i)
	}
	return out
}

func (l *load) source(i int) string { return fmt.Sprintf("source-%d", i) }
func (l *load) sink() string        { return l.s.group + "-sink" }
func (l *load) out() string         { return filepath.Join(l.dir, "out") }

func (l *load) inputs() []string {
	out := make([]string, l.sources)
	for i := range out {
		out[i] = filepath.Join(l.dir, fmt.Sprintf("lines-%d", i))
	}
	return out
}

// create makes the connectors. more are properties of the sources.
func (l *load) create(c *client.Client, more map[string]string) {
	l.s.t.Helper()
	l.createSources(c, more)
	sink := map[string]string{"connector.class": "FileStreamSink", "file": l.out(), "tasks.max": fmt.Sprint(l.tasks),
		"topics": strings.Join(l.topics(), ",")}
	if _, _, err := c.Put(l.s.t.Context(), l.sink(), sink); err != nil {
		l.s.t.Fatal(err)
	}
}

// createSources makes the sources alone.
func (l *load) createSources(c *client.Client, more map[string]string) {
	l.s.t.Helper()
	for i, path := range l.inputs() {
		config := map[string]string{"connector.class": "FileStreamSource", "file": path, "topic": l.topic(i)}
		for key, value := range more {
			config[key] = value
		}
		if _, _, err := c.Put(l.s.t.Context(), l.source(i), config); err != nil {
			l.s.t.Fatal(err)
		}
	}
}

// feed adds lines to inputs, or to all when none is named, in the background, until rest
// or the end of the test.
func (l *load) feed(inputs ...int) {
	ctx, cancel := context.WithCancel(l.s.t.Context())
	l.stop = cancel
	for i, path := range l.inputs() {
		if len(inputs) == 0 || slices.Contains(inputs, i) {
			l.stopped.Go(func() { l.written[i] = write(ctx, l.s.t, path, i, l.written[i]) })
		}
	}
	l.s.t.Cleanup(l.rest)
}

// rest stops adding lines.
func (l *load) rest() {
	l.stop()
	l.stopped.Wait()
}

// write adds lines from the number n on, a few at a time, and returns the next number.
func write(ctx context.Context, t *testing.T, path string, input, n int) int {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Error(err)
		return n
	}
	defer f.Close()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		var text strings.Builder
		for range 10 {
			fmt.Fprintf(&text, "%d:%d\n", input, n)
			n++
		}
		if _, err := io.WriteString(f, text.String()); err != nil {
			t.Error(err)
			return n
		}
		select {
		case <-ctx.Done():
			return n
		case <-tick.C:
		}
	}
}

// arrived waits until every line is in the topics and at the sink, and returns how often
// one came twice.
func (l *load) arrived() (twiceInTopics, twiceAtSink int) {
	l.s.t.Helper()
	twiceInTopics = l.arrivedInTopics()
	var inputs []int
	sum := 0
	for i, n := range l.written {
		inputs, sum = append(inputs, i), sum+n
	}
	return twiceInTopics, l.all("the sink's file", inputs, sum, func() []string { return lines(l.s.t, l.out()) })
}

// arrivedInTopics waits until every line is in the topics, and returns how often one came
// twice.
func (l *load) arrivedInTopics() (twice int) {
	l.s.t.Helper()
	l.rest()
	for i, n := range l.written {
		twice += l.all(fmt.Sprintf("topic %d", i), []int{i}, n, func() []string {
			return kafkatest.Values(l.s.read(l.topic(i)))
		})
	}
	return twice
}

// all waits until some place has every line of the inputs, n in all, for as long as lines
// come, and returns how many it has beyond that.
func (l *load) all(where string, inputs []int, n int, have func() []string) int {
	l.s.t.Helper()
	var got []string
	seen := map[string]bool{}
	more := func() bool {
		got = have()
		before := len(seen)
		for _, line := range got {
			seen[line] = true
		}
		return len(seen) > before || len(seen) >= n
	}
	for len(seen) < n {
		if !kafkatest.Within(kafkatest.Patience, more) {
			l.s.t.Fatalf("%s has %d of %d lines, line %s is the first that it lacks, and none has come for %v:\n%s", where,
				len(seen), n, l.missing(inputs, seen), kafkatest.Patience, l.known())
		}
	}
	if line := l.missing(inputs, seen); line != "" {
		l.s.t.Fatalf("%s has no line %s", where, line)
	}
	if len(seen) != n {
		l.s.t.Errorf("%s has %d lines, want %d", where, len(seen), n)
	}
	return len(got) - n
}

// missing returns the first line of inputs that has not been seen, or "".
func (l *load) missing(inputs []int, seen map[string]bool) string {
	for _, i := range inputs {
		for k := range l.written[i] {
			if line := fmt.Sprintf("%d:%d", i, k); !seen[line] {
				return line
			}
		}
	}
	return ""
}

// lines are those of a file that are whole.
func lines(t *testing.T, path string) (out []string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in := bufio.NewReader(f)
	for {
		line, err := in.ReadString('\n')
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, strings.TrimSuffix(line, "\n"))
	}
}
