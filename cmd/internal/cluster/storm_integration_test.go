//go:build integration

package cluster_test

import (
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/servicetest"
)

// storm is three workers to which bad things happen while lines pass through their
// connectors. The last one reaches the broker through a proxy.
type storm struct {
	*stage
	own     *servicetest.Services
	proxy   *servicetest.Proxy
	workers []*worker
	load    *load
	random  *rand.Rand
}

// newStorm starts a broker of its own, the workers and their connectors.
func newStorm(t *testing.T, seed uint64) *storm {
	t.Helper()
	own, p := servicetest.OwnBehindProxy(t)
	own.Run("kafka.sh", "up")
	st := &storm{stage: newStage(t, []string{own.Kafka()}), own: own, proxy: p,
		random: rand.New(rand.NewPCG(seed, seed))}
	for i, brokers := range []string{own.Kafka(), own.Kafka(), p.Address()} {
		w := st.worker("worker-"+strconv.Itoa(i), map[string]string{"bootstrap.servers": brokers,
			"exactly.once.source.support": "enabled"})
		st.workers = append(st.workers, w)
		w.launch()
	}
	for _, w := range st.workers {
		kafkatest.Eventually(t, w.name+" to be ready", w.ready)
	}
	st.load = newLoad(st.stage, 4, 3)
	st.load.create(st.of(st.workers[0].address), nil)
	return st
}

// settled waits until everything runs on all workers but one, which may be nil, and all
// of them know it, and returns where.
func (st *storm) settled(but *worker) map[string]string {
	st.t.Helper()
	var names []string
	for _, w := range st.workers {
		if w != but {
			names = append(names, w.address)
		}
	}
	var at map[string]string
	for _, name := range names {
		at = st.shared(st.of(name), st.load.units(), names...)
	}
	return at
}

// leads reports whether a worker is the leader: it alone knows what to say of a
// connector that there is not.
func leads(w *worker) bool {
	r, err := http.NewRequest(http.MethodDelete, "http://"+w.address+"/connectors/none?forward=false", nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusNotFound
}

// leader waits until a worker leads.
func (st *storm) leader() *worker {
	st.t.Helper()
	var leader *worker
	kafkatest.Eventually(st.t, "a leader", func() bool {
		i := slices.IndexFunc(st.workers, leads)
		if i >= 0 {
			leader = st.workers[i]
		}
		return i >= 0
	})
	return leader
}

// without makes a worker go and come back, and checks that nothing stops that others
// run, until it comes back.
func (st *storm) without(w *worker, goes, comes func()) {
	st.t.Helper()
	at, before := st.settled(nil), st.reports()
	goes()
	st.settled(w)
	for _, other := range st.workers {
		if other != w {
			st.undisturbed(before, at, other.address)
		}
	}
	comes()
	st.settled(nil)
}

// event is one bad thing.
type event struct {
	what string
	do   func()
}

// events are all that may happen.
func (st *storm) events() []event {
	one := func() *worker { return st.workers[st.random.IntN(len(st.workers))] }
	kill := func(w *worker) { st.without(w, w.kill, w.launch) }
	freeze := func(w *worker) { st.without(w, w.freeze, w.thaw) }
	return []event{
		{"a worker is killed", func() { kill(one()) }},
		{"the leader is killed", func() { kill(st.leader()) }},
		{"a worker is frozen", func() { freeze(one()) }},
		{"the leader is frozen", func() { freeze(st.leader()) }},
		{"a worker is cut off", func() {
			st.without(st.workers[2], st.proxy.Cut, st.proxy.Mend)
		}},
		{"the broker is killed", func() {
			before := st.reports()
			st.own.Run("kafka.sh", "kill")
			st.own.Run("kafka.sh", "up") // which takes longer than a session
			kafkatest.Eventually(st.t, "everything to run again", func() bool {
				now := st.reports()
				for key, was := range before {
					since := now[key][min(len(was), len(now[key])):]
					newer := func(r report) bool { return r.State == api.Running && r.Generation > was[len(was)-1].Generation }
					if !slices.ContainsFunc(since, newer) {
						return false
					}
				}
				return true
			})
			st.settled(nil)
		}},
	}
}

// Three workers lose nothing, sources write nothing twice, and what others run goes on, whatever happens to one of
// them: for an hour with SUIRO_LONG=1, where chance decides what comes next, and
// otherwise once each. SUIRO_SEED repeats what a seed has decided.
func TestAStormLosesNothing(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("SUIRO_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("SUIRO_SEED=%d repeats this", seed)
	st := newStorm(t, seed)
	st.settled(nil)
	st.load.feed()
	events := st.events()
	until := time.Time{}
	if os.Getenv("SUIRO_LONG") == "1" {
		until = time.Now().Add(time.Hour)
	}
	n := 0
	for ; n < len(events) || time.Now().Before(until); n++ {
		e := events[n%len(events)]
		if !until.IsZero() {
			e = events[st.random.IntN(len(events))]
		}
		t.Logf("%s: %s", time.Now().Format(time.TimeOnly), e.what)
		e.do()
	}
	again, twice := st.load.arrived()
	t.Logf("after %d events %d lines came twice to the sink", n, twice)
	if again > 0 {
		t.Errorf("%d lines came twice into topics, want none: the sources are exactly once", again)
	}
}
