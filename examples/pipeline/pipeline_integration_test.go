//go:build integration

package pipeline_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/suiro/suiro/internal/servicetest"
)

// Each line of the log becomes one document and one row. The same commands, started
// again on the same state, add none and continue where they stopped.
func TestEachLineArrivesOnce(t *testing.T) {
	t.Parallel()
	lines := accessLog(t)
	p := newPipeline(t, realServices(t), "once", options{})
	p.start()
	p.feed(lines, 3*time.Second)
	p.arrived(len(lines))
	p.stop()
	p.check(lines)

	p.start()
	more := makeLines(2, len(lines), 20)
	p.feed(more, 100*time.Millisecond)
	p.arrived(len(lines) + len(more))
	p.stop()
	p.check(append(lines, more...))
	p.noLetters()
}

// A stream app that is killed while it works neither loses nor doubles a line, and
// neither does a machine that goes down with the whole pipeline on it.
func TestKilledAppsLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	lines := accessLog(t)
	p := newPipeline(t, realServices(t), "apps", options{})
	p.killAtRandom(lines, []victim{
		{"ltsv-json", []*process{p.ltsvJSON}, p.written("json")},
		{"json-avro", []*process{p.jsonAvro}, p.written("avro")},
		{"everything", p.processes(), p.rows},
	})
	p.check(lines)
}

// The worker neither loses nor doubles a line when it is killed, whichever of its
// tasks is at work.
func TestKilledWorkerLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	lines := accessLog(t)
	p := newPipeline(t, realServices(t), "worker", options{})
	worker := []*process{p.worker}
	p.killAtRandom(lines, []victim{
		{"the worker", worker, p.written("ltsv")},
		{"the worker", worker, p.documents},
		{"the worker", worker, p.rows},
	})
	p.check(lines)
}

// A worker that is frozen for longer than its session wakes up as a zombie, with an
// open transaction and open files, after another worker has taken over.
func TestFrozenWorkerIsFenced(t *testing.T) {
	t.Parallel()
	lines := accessLog(t)
	p := newPipeline(t, realServices(t), "frozen", options{})
	random := rand.New(rand.NewPCG(seed(t), 0))
	p.start()
	part := len(lines) / 4
	works := growth(p.written("ltsv"), p.documents, p.rows)
	p.feed(lines[:part], time.Second)
	p.until("the first worker works", works)
	p.feed(lines[part:2*part], time.Duration(random.IntN(1000))*time.Millisecond)
	zombie, other := p.worker, p.otherWorker()
	if err := zombie.signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	p.start(other)
	works = growth(p.written("ltsv"), p.documents, p.rows)
	p.feed(lines[2*part:3*part], time.Second)
	p.until("the other worker works", works)
	if err := zombie.signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	p.feed(lines[3*part:], 2*time.Second)
	if err := zombie.stop(); err != nil {
		t.Error(err)
	}
	p.worker = other
	p.arrived(len(lines))
	p.stop()
	p.check(lines)
	p.noLetters()
}

// otherWorker prepares a worker that is like the first, except for the address of
// its REST API.
func (p *pipeline) otherWorker() *process {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(p.dir, "worker.properties"))
	if err != nil {
		p.t.Fatal(err)
	}
	was := p.rest
	p.rest = "http://" + servicetest.FreeAddress(p.t)
	command := slices.Clone(p.worker.command)
	at := slices.Index(command, "--config") + 1
	command[at] = p.write("other-worker.properties", strings.ReplaceAll(string(text), was, p.rest))
	return newProcess(p.t, p.dir, "other-connect", command...)
}

// growth returns a condition that holds once every count is higher than it is now.
func growth(counts ...func() int) func() (string, bool) {
	before := make([]int, len(counts))
	for i, count := range counts {
		before[i] = count()
	}
	return func() (string, bool) {
		grown, now := true, make([]int, len(counts))
		for i, count := range counts {
			now[i] = count()
			grown = grown && now[i] > before[i]
		}
		return fmt.Sprint(now), grown
	}
}

// victim is what to kill, and what grows while it works.
type victim struct {
	name  string
	parts []*process
	work  func() int
}

// written counts the records of a topic, including those that are not committed.
func (p *pipeline) written(what string) func() int {
	return func() (n int) {
		ends, err := p.adm.ListEndOffsets(p.t.Context(), p.topic(what))
		if err != nil {
			return 0
		}
		ends.Each(func(o kadm.ListedOffset) { n += int(o.Offset) })
		return n
	}
}

// seed returns SUIRO_SEED, or a seed made of the current time.
func seed(t *testing.T) uint64 {
	t.Helper()
	n := uint64(time.Now().UnixNano())
	if text := os.Getenv("SUIRO_SEED"); text != "" {
		var err error
		if n, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("SUIRO_SEED: %v", err)
		}
	}
	t.Logf("SUIRO_SEED=%d makes the same choices again", n)
	return n
}

// long reports whether the tests may take their time.
func long() bool { return os.Getenv("SUIRO_LONG") == "1" }

// Two lines that become dead letters: one of the app, and one of the worker.
var badLines = []string{"[error] 2317#0: *48211 upstream timed out", strings.Repeat("x", 2<<20)}

// killAtRandom runs the pipeline over the lines and kills each victim (with SUIRO_LONG,
// ten victims) at a random moment while it works. Lines are still fed while a
// victim is down, and some of them are bad.
func (p *pipeline) killAtRandom(lines []string, victims []victim) {
	p.t.Helper()
	random := rand.New(rand.NewPCG(seed(p.t), 0))
	if long() {
		for n := len(victims); n < 10; n++ {
			victims = append(victims, victims[random.IntN(n)])
		}
	}
	p.start()
	part := len(lines) / (len(victims) + 1)
	for i, v := range victims {
		now := lines[i*part : (i+1)*part]
		cut := len(now)/2 + random.IntN(len(now)/2)
		works := growth(v.work)
		p.feed(now[:cut/4], 100*time.Millisecond)
		if blind := long() && random.IntN(3) == 0; !blind { // one that is blind may meet a recovery
			p.until(v.name+" works", works)
		}
		p.feed(badLines, 0)
		over := 200*time.Millisecond + time.Duration(random.IntN(1200))*time.Millisecond
		p.feed(now[cut/4:cut], over)
		for _, part := range v.parts {
			if err := part.kill(); err != nil {
				p.t.Fatal(err)
			}
		}
		p.say("killed %s at %d lines, %d documents, %d rows", v.name, len(p.lines), p.documents(), p.rows())
		p.feed(now[cut:], 100*time.Millisecond)
		p.start(v.parts...)
	}
	p.feed(lines[len(victims)*part:], time.Second)
	p.arrived(len(lines))
	p.stop()
	p.checkLetters("ltsv-dlq", slices.Repeat([][]string{{"[error]"}}, len(victims))...)
	p.checkLetters("log-dlq", slices.Repeat([][]string{{"2097152 bytes long"}}, len(victims))...)
	for _, what := range []string{"json-dlq", "elasticsearch-dlq", "hdfs-dlq"} {
		p.checkLetters(what) // none
	}
}
