package workertest

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/twmb/franz-go/pkg/kadm"
)

const suiteSource = "suite-in"

// RunSource checks what every source connector promises when the worker is killed at
// moments that a seed chooses: every record of the input arrives, and with
// exactly.once.source.support=enabled exactly once. open is that of
// [connecttest.RunSource]; the connector runs with tasks.max=3, and its topics are
// created.
func RunSource(t *testing.T, plugin connect.SourcePlugin, open func(t *testing.T) connecttest.SourceCase, o *Options) {
	t.Helper()
	options := o.withDefaults()
	for _, support := range []string{"disabled", "enabled"} {
		t.Run("exactly once "+support, func(t *testing.T) {
			r := &sourceRun{t: t, c: open(t), random: options.random(t), once: support == "enabled"}
			r.run(plugin, options, support)
		})
	}
}

// sourceRun is one run of the suite.
type sourceRun struct {
	t      *testing.T
	c      connecttest.SourceCase
	w      *Worker
	random *rand.Rand
	trap   trap
	once   bool
}

func (r *sourceRun) run(plugin connect.SourcePlugin, o Options, support string) {
	r.t.Helper()
	worker := map[string]string{"exactly.once.source.support": support, "offset.flush.interval.ms": "10"}
	maps.Copy(worker, o.Worker)
	plugins := o.Plugins.With(connect.Plugins{Sources: []connect.SourcePlugin{plugin}})
	r.w = newWorker(r.t, startBroker(r.t), newLog(r.t), plugins, worker, r.trap.passed)
	props := maps.Clone(r.c.Props)
	if props == nil {
		props = map[string]string{}
	}
	maps.Copy(props, map[string]string{"name": suiteSource, "connector.class": plugin.Class, "tasks.max": "3",
		"topic.creation.default.partitions": "1", "topic.creation.default.replication.factor": "1"})
	sprung := r.trap.set(r.random)
	r.w.Start(props)
	for range o.Kills {
		r.trap.await(sprung, patience, r.ended)
		r.w.Kill()
		sprung = r.trap.set(r.random)
		r.w.Restart()
	}
	r.trap.await(sprung, patience, r.ended)
	r.w.Kill()
	r.w.Restart()
	r.w.Eventually("the end of the input", r.ended)
	r.w.Stop()
	r.check()
}

// ended reports whether the source has read its input to the end and its offsets are
// kept, after which its tasks are idle.
func (r *sourceRun) ended() bool {
	counts, err := r.w.life.herder.Counts(suiteSource)
	return err == nil && counts.EndOfInput
}

// arrived counts the values in all topics.
func (r *sourceRun) arrived() map[string]int {
	r.t.Helper()
	topics, err := kadm.NewClient(r.w.broker.client).ListTopics(r.t.Context())
	if err != nil {
		r.t.Fatalf("list the topics: %v", err)
	}
	out := map[string]int{}
	for _, name := range topics.Names() {
		if name == offsetTopic || strings.HasPrefix(name, "__") {
			continue
		}
		for _, record := range r.w.All(name) {
			out[string(record.Value)]++
		}
	}
	return out
}

// missing are the values of the input that have not arrived.
func (r *sourceRun) missing() []string {
	r.t.Helper()
	var out []string
	left := r.arrived()
	for _, value := range r.c.Want {
		if left[value]--; left[value] < 0 {
			out = append(out, value)
		}
	}
	return out
}

// check compares all that has arrived with the input.
func (r *sourceRun) check() {
	r.t.Helper()
	if missing := r.missing(); len(missing) > 0 {
		r.t.Errorf("%d records of the input are lost, the first is %q", len(missing), missing[0])
	}
	arrived := r.arrived()
	for _, value := range slices.Sorted(maps.Keys(arrived)) {
		want := 0
		for _, w := range r.c.Want {
			if w == value {
				want++
			}
		}
		switch n := arrived[value]; {
		case want == 0:
			r.t.Errorf("%q arrived, which is not in the input", value)
		case r.once && n != want:
			r.t.Errorf("%q arrived %d times, want %d", value, n, want)
		}
	}
}
