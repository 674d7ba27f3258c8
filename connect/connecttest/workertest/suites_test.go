package workertest_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/connecttest/workertest"
)

func (s *shelf) open(once bool) func(*testing.T) connecttest.SinkCase {
	return func(*testing.T) connecttest.SinkCase {
		return connecttest.SinkCase{Written: func(testing.TB) []string { return s.all() }, ExactlyOnce: once}
	}
}

func (s *script) open(*testing.T) connecttest.SourceCase {
	return connecttest.SourceCase{Props: map[string]string{"topic": "lines"}, Want: s.lines}
}

func TestSuitesPassWhatKeepsItsPromises(t *testing.T) {
	for name, s := range map[string]*shelf{"at once": {}, "late": {late: true}, "exactly once": {late: true, once: true}} {
		t.Run("sink "+name, func(t *testing.T) { workertest.RunSink(t, s.plugin(), s.open(s.once), nil) })
	}
	s := &script{lines: numbered(60)}
	workertest.RunSource(t, s.plugin(), s.open, nil)
}

// The suites without a worker pass them too.
func TestPluginsKeepTheirPromises(t *testing.T) {
	connecttest.RunSink(t, (&shelf{}).plugin(), func(*testing.T) connecttest.SinkCase {
		s := &shelf{late: true}
		c := s.open(false)(t)
		c.NewTask = func() connect.SinkTask { return &shelfTask{s: s} }
		return c
	})
	s := &script{lines: numbered(10)}
	connecttest.RunSource(t, s.plugin(), s.open)
}

// brokenEnv names the broken implementation that TestBroken runs a suite on.
const brokenEnv = "SUIRO_BROKEN_IMPLEMENTATION"

// broken are implementations that break a promise, each with a part of the message
// with which its suite fails.
var broken = map[string]struct {
	run  func(t *testing.T)
	want string
}{
	"sink that commits before it writes": {func(t *testing.T) {
		s := &shelf{hasty: true}
		workertest.RunSink(t, s.plugin(), s.open(false), nil)
	}, "is not written"},
	"sink that writes twice": {func(t *testing.T) {
		s := &shelf{}
		workertest.RunSink(t, s.plugin(), s.open(true), nil)
	}, " times"},
	"sink that drops bad records": {func(t *testing.T) {
		s := &shelf{blind: true}
		workertest.RunSink(t, s.plugin(), s.open(false), nil)
	}, "is not in the dead-letter queue"},
	"source whose offsets are ahead": {func(t *testing.T) {
		s := &script{lines: numbered(60), skip: true}
		workertest.RunSource(t, s.plugin(), s.open, nil)
	}, "records of the input are lost"},
	"source whose offsets are behind": {func(t *testing.T) {
		s := &script{lines: numbered(60), slow: true}
		workertest.RunSource(t, s.plugin(), s.open, nil)
	}, " times, want 1"},
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
