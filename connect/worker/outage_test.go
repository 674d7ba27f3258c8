package worker_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/worker"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/logtest"
	"github.com/suiro/suiro/internal/rejections"
	"github.com/twmb/franz-go/pkg/kfake"
)

// A broker that goes away is said once and not by every client and task, and so is
// that it is back. Everything goes on then.
func TestABrokerThatIsAwayIsSaidOnce(t *testing.T) {
	way := &line{lose: -1}
	k := startKafkaWith(t, kfake.SeedTopics(2, "in", "lines"), kfake.ListenFn(way.listen))
	k.produce("in", numbered(1)...)
	s, src := &sink{tasks: 2}, &source{values: numbered(3), topic: "lines", follow: true}
	plugins := connect.Plugins{Sinks: s.plugin().Sinks, Sources: src.plugin().Sources}
	log := &logtest.Log{}
	w := startWorkerWith(t, log.Logger(), k.addr(), plugins, map[string]string{"offset.flush.timeout.ms": "500"})
	sunk := startConnector(t, w, sinkProps("tasks.max", "2"))
	sourced := startConnector(t, w, sourceProps())
	kafkatest.Eventually(t, "records both ways", func() bool {
		return k.committed("connect-out", "in") == 1 && sourced.Counts().Written == 3
	})
	if reachable, _, err := w.Brokers(); !reachable || err != nil {
		t.Errorf("brokers are reachable: %v, %v, want true", reachable, err)
	}

	way.cut(0, time.Hour)
	kafkatest.Eventually(t, "the broker to be away for a while", func() bool {
		reachable, since, err := w.Brokers()
		return !reachable && err != nil && time.Since(since) > 4*time.Second
	})
	src.mu.Lock()
	src.values = numbered(6)
	src.mu.Unlock()
	way.cut(-1, 0)
	kafkatest.Eventually(t, "the broker to be back", func() bool {
		reachable, _, _ := w.Brokers()
		return reachable
	})
	k.produce("in", numbered(1)...)
	kafkatest.Eventually(t, "records both ways again", func() bool {
		return len(s.values()) == 2 && sourced.Counts().Written == 6
	})
	if n := sunk.Counts().Restarts + sourced.Counts().Restarts; n != 0 {
		t.Errorf("%d restarts, want none", n)
	}
	got := append(log.Lines("level=WARN"), log.Lines("level=ERROR")...)
	got = slices.DeleteFunc(got, func(line string) bool { return strings.Contains(line, " away=") }) // reminders
	if len(got) != 1 || !strings.Contains(got[0], "kafka cannot be reached, trying again") {
		t.Errorf("warned of\n%s\nwant one line", strings.Join(got, "\n"))
	}
	if got := log.Lines("kafka can be reached again"); len(got) != 1 || !strings.Contains(got[0], "away=") {
		t.Errorf("logged %q, want one line that says how long it was away", got)
	}
}

// What an operator sees of a start and a stop: one line each, which say what runs.
func TestStartsAndStopsAreLogged(t *testing.T) {
	k := startKafka(t, 2, "in", "bad")
	k.produce("in", "cannot be decoded", `{"n":1}`, "cannot be decoded either")
	log := &logtest.Log{}
	w := startWorkerWith(t, log.Logger(), k.addr(), (&sink{}).plugin(), nil)
	c := startConnector(t, w, sinkProps("errors.tolerance", "all",
		"errors.deadletterqueue.topic.name", "bad"))
	kafkatest.Eventually(t, "three records committed", func() bool { return k.committed("connect-out", "in") == 3 })
	kafkatest.Eventually(t, "the summary of the rebalance", func() bool { return len(log.Lines("group rebalanced")) > 0 })
	stop(t, c)
	for text, want := range map[string]int{"task started": 1, "task stopped": 1, "group rebalanced": 1,
		rejections.First: 1, rejections.More: 1, "partitions assigned": 0} {
		if got := log.Lines(text); len(got) != want {
			t.Errorf("logged %d lines with %q, want %d:\n%s", len(got), text, want, strings.Join(got, "\n"))
		}
	}
	for text, want := range map[string]string{
		"group rebalanced": `group=connect-out why="tasks of this worker joined" came=in-0,in-1 went=none moved=`,
		rejections.First:   `stage=VALUE_CONVERTER class=JSON to="topic bad" record=in-0@0 reason=`,
		rejections.More:    `last=in-0@2 reason=`,
	} {
		if got := log.Lines(text); len(got) != 1 || !strings.Contains(got[0], want) {
			t.Errorf("logged %q, want %s", got, want)
		}
	}
	if got := strings.Join(log.Lines("task stopped"), "\n"); !strings.Contains(got, "read=3 put=1 filtered=0 rejected=2") {
		t.Errorf("logged\n%s\nwant what the task did", got)
	}
}

// A sink that keeps records and tries again by itself is RUNNING, and its status says
// what it waits for.
func TestStatusSaysWhatATaskWaitsFor(t *testing.T) {
	k := startKafka(t, 1, "in")
	s := &sink{}
	w := startWorker(t, k.addr(), s.plugin(), nil)
	task := startConnector(t, w, sinkProps()).Tasks[0]
	is := func(want worker.Status) func() bool { return func() bool { return task.Status() == want } }
	kafkatest.Eventually(t, "RUNNING", is(worker.Status{State: worker.Running}))
	away := errors.New("the sea takes no water")
	s.waiting.Store(&away)
	kafkatest.Eventually(t, "RUNNING and waiting", is(worker.Status{State: worker.Running, Trace: away.Error()}))
	s.waiting.Store(nil)
	kafkatest.Eventually(t, "RUNNING again", is(worker.Status{State: worker.Running}))
}
