package workertest_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest/workertest"
	"github.com/suiro/suiro/connect/herder/api"
)

func with(props, more map[string]string) map[string]string {
	out := maps.Clone(props)
	maps.Copy(out, more)
	return out
}

var shelfProps = map[string]string{"name": "out", "connector.class": "Shelf", "topics": "in"}

func TestARecordGoesThroughAWorker(t *testing.T) {
	s := &shelf{}
	w := workertest.New(t, connect.Plugins{Sinks: []connect.SinkPlugin{s.plugin()}}, nil)
	w.CreateTopic("in", 2)
	w.Start(shelfProps)
	w.AwaitRunning("out")
	w.ProduceRecords(workertest.Record{Topic: "in", Value: []byte("a")},
		workertest.Record{Topic: "in", Partition: 1, Value: []byte("b"), Headers: map[string]string{"h": "1"}})
	w.Eventually("both lines", func() bool { return len(s.all()) == 2 })
	w.AwaitCommitted("out", "in")
	want := connect.Offsets{{Topic: "in", Partition: 0}: 1, {Topic: "in", Partition: 1}: 1}
	if got := w.Committed("out"); !maps.Equal(got, want) {
		t.Errorf("committed %v, want %v", got, want)
	}
	if got := w.All("in"); len(got) != 2 {
		t.Errorf("the topic has %d records, want 2", len(got))
	}
}

func TestABadRecordIsADeadLetter(t *testing.T) {
	s := &shelf{}
	w := workertest.New(t, connect.Plugins{Sinks: []connect.SinkPlugin{s.plugin()}}, nil)
	w.CreateTopic("in", 1)
	w.StartJSON(`{"name": "out", "config": {"connector.class": "Shelf", "topics": "in",
		"value.converter": "workertest.JSON", "errors.tolerance": "all", "errors.deadletterqueue.topic.name": "bad",
		"errors.deadletterqueue.topic.replication.factor": "1"}}`)
	w.Produce("in", `{"n":1}`, "oops")
	got := w.DeadLetters("bad", 1)[0]
	if string(got.Value) != "oops" || !strings.Contains(got.Reason, "decode json") || got.Stage != "VALUE_CONVERTER" ||
		got.OriginalTopic != "in" || got.OriginalPartition != 0 || got.OriginalOffset != 1 {
		t.Errorf("dead letter = %+v, want oops at in-0@1 with the reason", got)
	}
}

// A kill neither stops a task nor commits what it did.
func TestAKilledWorkerCommitsAndStopsNothing(t *testing.T) {
	s := &script{lines: numbered(3), wait: true}
	w := workertest.New(t, connect.Plugins{Sources: []connect.SourcePlugin{s.plugin()}},
		map[string]string{"offset.flush.interval.ms": "3600000"})
	w.CreateTopic("lines", 1)
	w.StartJSON(`{"name": "script", "connector.class": "Script", "topic": "lines", "transforms": ""}`)
	w.Consume("lines", 3)
	w.Kill()
	s.mu.Lock()
	if s.stopped != 0 {
		t.Errorf("%d tasks were stopped by the kill, want none", s.stopped)
	}
	s.mu.Unlock()
	if got := w.All("connect-offsets"); len(got) != 0 {
		t.Errorf("offsets %q were committed by the kill, want none", workertest.Values(got))
	}
	w.Restart()
	want := append(numbered(3), numbered(3)...)
	if got := workertest.Values(w.Consume("lines", 6)); !slices.Equal(got, want) {
		t.Errorf("lines = %q, want all of them again", got)
	}
	w.Stop()
	if got := w.All("connect-offsets"); len(got) != 1 || !strings.Contains(string(got[0].Value), `"line":3`) {
		t.Errorf("offsets %q were committed by the stop, want line 3", workertest.Values(got))
	}
}

func TestAnotherWorkerTakesOverFromAKilledOne(t *testing.T) {
	s := &shelf{}
	w := workertest.New(t, connect.Plugins{Sinks: []connect.SinkPlugin{s.plugin()}}, nil)
	w.CreateTopic("in", 2)
	w.Start(shelfProps)
	other := w.Another()
	other.Start(shelfProps)
	w.AwaitRunning("out")
	other.AwaitRunning("out")
	w.Produce("in", "a")
	w.AwaitCommitted("out", "in")
	w.Kill()
	w.ProduceRecords(workertest.Record{Topic: "in", Value: []byte("b")}, workertest.Record{Topic: "in", Partition: 1, Value: []byte("c")})
	w.Eventually("lines that only the other worker can have written", func() bool {
		got := s.all()
		return slices.Contains(got, "b") && slices.Contains(got, "c")
	})
	w.AwaitCommitted("out", "in")
}

func TestAPanicOfATaskIsInItsStatus(t *testing.T) {
	plugin := connect.SinkPlugin{Info: connect.Info{Class: "Panicky"},
		New: func() connect.SinkConnector { return panickyConnector{} }}
	w := workertest.New(t, connect.Plugins{Sinks: []connect.SinkPlugin{plugin}}, nil)
	w.CreateTopic("in", 1)
	w.Start(with(shelfProps, map[string]string{"connector.class": "Panicky", "errors.restart.max": "0"}))
	w.Produce("in", "a")
	w.Eventually("FAILED", func() bool { return w.Status("out").Tasks[0].State == api.Failed })
	if got := w.Status("out").Tasks[0].Trace; !strings.Contains(got, "no room for x") || !strings.Contains(got, "plugins_test.go") {
		t.Errorf("trace = %s, want the panic with the place", got)
	}
}

type panickyConnector struct{ shelfConnector }

func (panickyConnector) NewTask() connect.SinkTask { return &panicky{} }
