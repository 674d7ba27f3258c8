package workertest

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
)

// The names of the sink suite's connector and topics.
const (
	suiteConnector = "suite-out"
	suiteTopic     = "suite"
	suiteLetters   = "suite-bad"
	suiteParts     = 2 // partitions of suiteTopic
)

// RunSink checks what every sink connector promises when the worker is killed and
// partitions move between two workers, at moments that a seed chooses: every record
// arrives in the outside system or in the dead-letter queue, no offset is committed
// before that, and no record arrives twice where the case is exactly once. open is
// that of [connecttest.RunSink]; the connector runs with tasks.max=2.
func RunSink(t *testing.T, plugin connect.SinkPlugin, open func(t *testing.T) connecttest.SinkCase, o *Options) {
	t.Helper()
	options := o.withDefaults()
	c := open(t)
	if c.NewTask != nil {
		plugin.New = func() connect.SinkConnector { return connect.SinkOf(c.NewTask) }
	}
	r := &sinkRun{t: t, c: c, random: options.random(t), bad: map[connect.TopicPartition]map[int64]bool{}}
	plugins := options.Plugins.With(connect.Plugins{Sinks: []connect.SinkPlugin{plugin}})
	r.w = newWorker(t, startBroker(t), newLog(t), plugins, options.Worker, r.trap.passed)
	r.w.CreateTopic(suiteTopic, suiteParts)
	r.props = maps.Clone(c.Props)
	if r.props == nil {
		r.props = map[string]string{}
	}
	maps.Copy(r.props, map[string]string{"name": suiteConnector, "connector.class": plugin.Class, "topics": suiteTopic,
		"tasks.max": "2", "value.converter": decodedConverter, "errors.tolerance": "all",
		"errors.deadletterqueue.topic.name": suiteLetters, "errors.deadletterqueue.topic.replication.factor": "1"})
	between := r.trap.setBetween(putMethod, preCommitMethod)
	r.w.Start(r.props)
	r.produce()
	r.kill(between, time.Minute) // those records are put once more, on a slow machine too
	r.check()
	for range options.Kills - 1 {
		r.produce()
		r.disturb()
		r.check()
	}
	r.produce()
	r.w.AwaitCommitted(suiteConnector, suiteTopic)
	r.check()
	r.w.Stop()
	r.check()
}

// sinkRun is one run of the suite.
type sinkRun struct {
	t      *testing.T
	c      connecttest.SinkCase
	w      *Worker
	props  map[string]string
	random *rand.Rand
	trap   trap

	ends [suiteParts]int64 // what was produced
	bad  map[connect.TopicPartition]map[int64]bool
}

func partition(p int) connect.TopicPartition {
	return connect.TopicPartition{Topic: suiteTopic, Partition: int32(p)}
}

// produce writes some records to each partition. The second of each and one in
// ten of the others cannot be decoded.
func (r *sinkRun) produce() {
	r.t.Helper()
	var records []Record
	for p := range suiteParts {
		for range 5 + r.random.IntN(40) {
			offset := r.ends[p]
			r.ends[p]++
			value := fmt.Sprintf(`{"p":%d,"o":%d}`, p, offset)
			if offset == 1 || r.random.IntN(10) == 0 {
				value = "not json " + strconv.FormatInt(offset, 10)
				r.spoil(partition(p), offset)
			}
			records = append(records, Record{Topic: suiteTopic, Partition: int32(p), Value: []byte(value),
				Timestamp: time.UnixMilli(1431857100000 + offset)})
		}
	}
	r.w.ProduceRecords(records...)
}

func (r *sinkRun) spoil(p connect.TopicPartition, offset int64) {
	if r.bad[p] == nil {
		r.bad[p] = map[int64]bool{}
	}
	r.bad[p][offset] = true
}

// disturb kills the worker, or lets a second one take partitions and kills one of
// the two.
func (r *sinkRun) disturb() {
	r.t.Helper()
	if r.random.IntN(2) == 0 {
		r.kill(r.trap.set(r.random), patience)
		return
	}
	other := r.w.Another()
	other.Start(r.props)
	other.AwaitRunning(suiteConnector)
	r.produce()
	if r.random.IntN(2) == 0 {
		other.Stop()
		return
	}
	other.Kill()
}

// kill kills the worker when the trap has sprung or the time is up, and starts it
// again.
func (r *sinkRun) kill(sprung <-chan struct{}, limit time.Duration) {
	r.t.Helper()
	r.trap.await(sprung, limit, func() bool { return false }) // a sink is never idle
	r.w.Kill()
	r.w.Restart()
}

// check compares what is committed with what is in the outside system or a dead
// letter. What is committed is asked first, as the rest only grows.
func (r *sinkRun) check() {
	r.t.Helper()
	committed := r.w.Committed(suiteConnector)
	letters := r.letters()
	written := r.written()
	for p := range suiteParts {
		tp := partition(p)
		for o := range committed[tp] {
			switch n := written[tp][o]; {
			case r.bad[tp][o] && !letters[tp][o]:
				r.t.Fatalf("%v is committed to %d, but the bad record at %d is not in the dead-letter queue", tp, committed[tp], o)
			case !r.bad[tp][o] && n == 0:
				r.t.Fatalf("%v is committed to %d, but offset %d is not written", tp, committed[tp], o)
			case n > 1 && r.c.ExactlyOnce:
				r.t.Fatalf("%v offset %d is written %d times", tp, o, n)
			}
		}
	}
}

// letters are the records in the dead-letter queue.
func (r *sinkRun) letters() map[connect.TopicPartition]map[int64]bool {
	r.t.Helper()
	out := map[connect.TopicPartition]map[int64]bool{}
	for _, record := range r.w.All(suiteLetters) {
		l := deadLetterOf(record)
		tp := connect.TopicPartition{Topic: l.OriginalTopic, Partition: l.OriginalPartition}
		if out[tp] == nil {
			out[tp] = map[int64]bool{}
		}
		out[tp][l.OriginalOffset] = true
		if !r.bad[tp][l.OriginalOffset] {
			r.t.Fatalf("%v offset %d is a dead letter, but there is nothing wrong with it: %s", tp, l.OriginalOffset, l.Reason)
		}
	}
	return out
}

// written counts how often each record is in the outside system.
func (r *sinkRun) written() map[connect.TopicPartition]map[int64]int {
	r.t.Helper()
	out := map[connect.TopicPartition]map[int64]int{}
	for p := range suiteParts {
		out[partition(p)] = map[int64]int{}
	}
	for _, text := range r.c.Written(r.t) {
		var v struct {
			P int   `json:"p"`
			O int64 `json:"o"`
		}
		if err := json.Unmarshal([]byte(text), &v); err != nil || v.P < 0 || v.P >= suiteParts {
			r.t.Fatalf("written value %q is not one of the suite's: %v", text, err)
		}
		out[partition(v.P)][v.O]++
	}
	return out
}
