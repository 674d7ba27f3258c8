//go:build integration

package cluster_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/client"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/servicetest"
)

// java is a worker of Kafka Connect, with a Kafka of its own.
type java struct {
	*servicetest.Services
	*stage
}

// newJava starts a Java worker. Its properties are those of scripts/services/connect.sh
// and more.
func newJava(t *testing.T, more string) *java {
	t.Helper()
	file := filepath.Join(t.TempDir(), "java.properties")
	text := "session.timeout.ms=6000\nheartbeat.interval.ms=500\nconsumer.session.timeout.ms=6000\n" +
		"consumer.heartbeat.interval.ms=500\noffset.flush.interval.ms=200\n" + more
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	own := servicetest.Own(t, "SUIRO_CONNECT_CONF="+file, "SUIRO_CONNECT_HEAP=-Xms128m -Xmx400m")
	own.Run("kafka.sh", "up")
	own.Run("connect.sh", "up")
	s := newStageOf(t, []string{own.Kafka()}, "suiro-connect", "connect-configs", "connect-offsets", "connect-status")
	s.addresses = append(s.addresses, own.Connect())
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("what the log of Kafka Connect warns of:\n%s", warnings(own.Log("connect")))
		}
	})
	return &java{own, s}
}

// warnings are the lines of a log of Java from the level WARN on, the last 200.
func warnings(log string) string {
	var out []string
	for line := range strings.Lines(log) {
		if strings.Contains(line, " WARN ") || strings.Contains(line, " ERROR ") || strings.Contains(line, "Exception") {
			out = append(out, line)
		}
	}
	return strings.Join(out[max(0, len(out)-200):], "")
}

func (j *java) up()   { j.t.Helper(); j.Run("connect.sh", "up") }
func (j *java) down() { j.t.Helper(); j.Run("connect.sh", "down") }

// moreLines is a batch.size that no file of a test has lines for, and one more is another.
// Kafka Connect's file source returns when it has batch.size lines, and shows those that
// it has read beyond that only when the file grows: the last lines of a file that nobody
// writes to any more would never come when it was behind.
const moreLines = 1_000_000

// A Java worker and ours share connectors whose sources are exactly once: each leads once,
// each is asked over REST by the other, each shuts out what tasks of the other have left
// open, and what neither loses goes on while workers come and go.
func TestAJavaWorkerAndOursShareConnectors(t *testing.T) {
	j := newJava(t, "scheduled.rebalance.max.delay.ms=0\nexactly.once.source.support=enabled\n")
	w := j.worker("ours", map[string]string{"scheduled.rebalance.max.delay.ms": "0",
		"exactly.once.source.support": "enabled"})
	l := newLoad(j.stage, 4, 2) // so many that each worker gets tasks of sources
	l.create(j.of(j.Connect()), nil)
	j.shared(j.of(j.Connect()), l.units(), j.Connect())
	l.feed()

	before := j.reports()
	w.start() // Java leads
	at := j.shared(j.of(w.address), l.units(), j.Connect(), w.address)
	j.undisturbed(before, at, j.Connect())
	j.steer(l, w)
	j.renew(l, w, moreLines)

	before = j.reports()
	j.down() // ours leads, and does all
	j.shared(j.of(w.address), l.units(), w.address)
	j.undisturbed(before, at, w.address)

	before = j.reports()
	j.up()
	at = j.shared(j.of(j.Connect()), l.units(), j.Connect(), w.address)
	j.undisturbed(before, at, w.address)
	j.steer(l, w)
	j.renew(l, w, moreLines+1)

	again, twice := l.arrived()
	t.Logf("%d lines came twice into topics, and %d to the sink", again, twice)
	if again+twice > 0 {
		t.Error("every worker was stopped in order, want nothing twice")
	}
}

// steer makes, pauses, restarts, changes and removes a connector over the REST API of
// either worker, the leader or not: the other worker obeys.
func (j *java) steer(l *load, w *worker) {
	j.t.Helper()
	const name = "extra" // made again as soon as it is removed
	for _, address := range []string{j.Connect(), w.address} {
		c := j.of(address)
		config := map[string]string{"connector.class": "FileStreamSource", "file": filepath.Join(l.dir, "none"),
			"topic": l.topic(0), "tasks.max": "1"}
		if _, created, err := c.Put(j.t.Context(), name, config); err != nil || !created {
			j.t.Fatalf("Put at %s = %t, %v", address, created, err)
		}
		j.shared(c, l.units()+2, j.Connect(), w.address)
		if err := c.Pause(j.t.Context(), name); err != nil {
			j.t.Fatal(err)
		}
		j.shared(c, l.units(), j.Connect(), w.address)
		if err := c.Resume(j.t.Context(), name); err != nil {
			j.t.Fatal(err)
		}
		j.shared(c, l.units()+2, j.Connect(), w.address)
		if _, err := c.Restart(j.t.Context(), name, true, false); err != nil {
			j.t.Fatal(err)
		}
		config["batch.size"] = "7"
		if _, created, err := c.Put(j.t.Context(), name, config); err != nil || created {
			j.t.Fatalf("Put again at %s = %t, %v", address, created, err)
		}
		if err := c.Delete(j.t.Context(), name); err != nil {
			j.t.Fatal(err)
		}
		j.shared(c, l.units(), j.Connect(), w.address)
	}
}

// renew gives the sources a batch.size, so that the leader fences their tasks, on either
// worker, before new ones start.
func (j *java) renew(l *load, w *worker, lines int) {
	j.t.Helper()
	size := fmt.Sprint(lines)
	c := j.of(w.address)
	for i := range l.sources {
		if _, err := c.Patch(j.t.Context(), l.source(i), map[string]*string{"batch.size": &size}); err != nil {
			j.t.Fatal(err)
		}
	}
	for i := range l.sources {
		kafkatest.Eventually(j.t, l.source(i)+" to have a task with that batch.size", func() bool {
			tasks, err := c.Tasks(j.t.Context(), l.source(i))
			return err == nil && len(tasks) == 1 && tasks[0].Config["batch.size"] == size
		})
	}
	at := j.shared(c, l.units(), j.Connect(), w.address)
	has := map[string]bool{}
	for i := range l.sources {
		has[at[fmt.Sprintf("task-%s-0", l.source(i))]] = true
	}
	if len(has) != 2 {
		j.t.Errorf("the tasks of sources are on %v, want both workers to have some", has)
	}
}

// A stopped Java worker's connectors go on here, each in the state that it had and from
// the offset that it had, and go back to Java. The sources are exactly-once, and have an
// offset topic of their own.
func TestConnectorsOfAStoppedJavaWorkerGoOnHereAndBack(t *testing.T) {
	once := "exactly.once.source.support"
	j := newJava(t, once+"=enabled\n")
	w := j.worker("ours", map[string]string{once: "enabled"})
	l := newLoad(j.stage, 2, 2)
	theirs, ours := j.of(j.Connect()), j.of(w.address)
	own := "own-offsets"
	l.create(theirs, map[string]string{"offsets.storage.topic": own, "batch.size": fmt.Sprint(moreLines)})
	j.shared(theirs, l.units(), j.Connect())
	idle := map[string]string{"connector.class": "FileStreamSource", "file": filepath.Join(l.dir, "none"),
		"topic": l.topic(0)}
	for _, name := range []string{"paused", "stopped"} {
		if _, _, err := theirs.Put(t.Context(), name, idle); err != nil {
			t.Fatal(err)
		}
	}
	j.shared(theirs, l.units()+4, j.Connect())
	if err := errors.Join(theirs.Pause(t.Context(), "paused"), theirs.Stop(t.Context(), "stopped")); err != nil {
		t.Fatal(err)
	}
	j.states(theirs, "PAUSED PAUSED", "STOPPED")
	l.feed()

	j.shared(theirs, l.units(), j.Connect())
	j.down()
	kept := len(j.read(own))
	w.start()
	j.shared(ours, l.units(), w.address)
	j.states(ours, "PAUSED PAUSED", "STOPPED")
	if err := errors.Join(ours.Resume(t.Context(), "stopped"), ours.Delete(t.Context(), "paused")); err != nil {
		t.Fatal(err)
	}
	j.shared(ours, l.units()+2, w.address)

	w.stop()
	if both := len(j.read(own)); kept == 0 || both <= kept {
		t.Errorf("the sources' own topic had %d records, and then %d, want those of both workers", kept, both)
	}
	j.up()
	j.shared(theirs, l.units()+2, j.Connect())
	j.states(theirs, "No status found for connector paused", "RUNNING RUNNING")
	if again, twice := l.arrived(); again+twice > 0 {
		t.Errorf("%d lines came twice into topics, and %d to the sink: every worker was stopped in order, want none",
			again, twice)
	}
}

// states waits until the connectors paused and stopped and their tasks are what is
// wanted.
func (j *java) states(c *client.Client, paused, stopped string) {
	j.t.Helper()
	for name, want := range map[string]string{"paused": paused, "stopped": stopped} {
		var got string
		kafkatest.Eventually(j.t, fmt.Sprintf("%s to be %s", name, want), func() bool {
			s, err := c.Status(j.t.Context(), name)
			if got = string(s.Connector.State); err != nil {
				got = err.Error()
			}
			for _, task := range s.Tasks {
				got += " " + string(task.State)
			}
			return got == want || err != nil && strings.Contains(got, want)
		})
	}
}
