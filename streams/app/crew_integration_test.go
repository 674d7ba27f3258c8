//go:build integration

package app_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/handlers"
	"github.com/suiro/suiro/streams/topology"
)

// crewPartitions is how many partitions the topics of the test have.
const crewPartitions = 8

// errLast is the failure that stops all instances.
var errLast = errors.New("the last record")

// countEach counts each key, writes each count, and fails now and then. The value "last"
// fails for good.
func countEach(t *testing.T, in, out string, fails func() bool) *topology.Topology {
	t.Helper()
	b := streams.NewBuilder()
	checked := streams.MapValues(streams.Stream(b, in, streams.String(), streams.String()), func(v string) (string, error) {
		switch {
		case v == "last":
			return "", errLast
		case fails():
			return "", errBad
		}
		return v, nil
	})
	counts := streams.Count(streams.GroupByKey(checked, streams.String()), "counts", streams.WithoutCaching())
	streams.To(counts.ToStream(), out, streams.String(), streams.Int64())
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return topo
}

// Threads come and go, fail and are replaced, and instances are paused, while records come:
// each record has exactly one count in the output. At the end one failure stops all.
func TestThreadsComeAndGoUnderLoad(t *testing.T) {
	const records, keys = 60_000, 500
	random := rand.Uint64()
	t.Logf("seed %d", random)
	rng := rand.New(rand.NewPCG(random, 0))
	broker := kafka(t)
	in, out := topics(t, []string{broker}, crewPartitions)
	id := idOf(in)["application.id"]

	var mu sync.Mutex
	failures := 0
	fail := func() bool {
		mu.Lock()
		defer mu.Unlock()
		if rng.IntN(20_000) == 0 {
			failures++
			return true
		}
		return false
	}
	all := launchCrew(t, broker, id, func() *topology.Topology { return countEach(t, in, out, fail) })
	cl := kafkatest.Client(t, []string{broker})
	for i := 0; i < records; {
		for range 500 {
			cl.Produce(t.Context(), &kgo.Record{Topic: in, Key: fmt.Appendf(nil, "k%d", i%keys), Value: []byte("v")}, nil)
			i++
		}
		if err := cl.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		mu.Lock()
		what, who := rng.IntN(6), all[rng.IntN(len(all))]
		mu.Unlock()
		change(t, who, what)
	}
	for _, w := range all {
		w.Resume()
		change(t, w, 0) // so that there is one that hears of the end
	}
	countsOnce(t, kafkatest.Consume(t, []string{broker}, out, records), records/keys)
	t.Logf("%d failures", failures)

	for _, w := range all {
		w.until(app.Running)
	}
	kafkatest.Produce(t, []string{broker}, &kgo.Record{Topic: in, Key: []byte("k"), Value: []byte("last")})
	reasons := 0
	for _, w := range all {
		switch err := <-w.done; {
		case errors.Is(err, errLast):
			reasons++
		case !errors.Is(err, app.ErrStoppedByGroup):
			t.Errorf("an instance ended with %v", err)
		}
	}
	if reasons != 1 {
		t.Errorf("%d instances ended because of the record, want 1", reasons)
	}
}

// launchCrew runs two instances, whose handler stops all because of the value "last" and
// replaces a thread that has failed otherwise.
func launchCrew(t *testing.T, broker, id string, topo func() *topology.Topology) (all []*watched) {
	for range 2 {
		w := &watched{t: t, log: &journal{}, done: make(chan error, 1)}
		var err error
		w.App, err = app.New(topo(), map[string]string{
			"application.id": id, "bootstrap.servers": broker, "state.dir": t.TempDir(), "num.stream.threads": "2",
			"session.timeout.ms": "6000", "heartbeat.interval.ms": "500", "replication.factor": "1",
		}, &app.Options{Logger: logger(t), Handlers: handlers.Handlers{Uncaught: func(err error) handlers.ThreadResponse {
			if errors.Is(err, errLast) {
				return handlers.ShutdownApplication
			}
			return handlers.ReplaceThread
		}}})
		if err != nil {
			t.Fatal(err)
		}
		w.run()
		all = append(all, w)
	}
	for _, w := range all {
		w.until(app.Running)
	}
	return all
}

// change adds or removes a thread, or lets an app pause or go on.
func change(t *testing.T, w *watched, what int) {
	t.Helper()
	switch what {
	case 0, 1:
		if _, err := w.AddThread(); err != nil {
			t.Fatal(err)
		}
	case 2, 3:
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		if _, err := w.RemoveThread(ctx); err != nil && !strings.Contains(err.Error(), "no thread") {
			t.Fatal(err)
		}
	case 4:
		w.Pause()
	case 5:
		w.Resume()
	}
}

// countsOnce checks that each key has been counted up to most, one by one.
func countsOnce(t *testing.T, records []*kgo.Record, most int) {
	t.Helper()
	last := map[string]int64{}
	for _, r := range records {
		n, err := streams.Int64().Deserialize(r.Value)
		if err != nil {
			t.Fatal(err)
		}
		if n != last[string(r.Key)]+1 {
			t.Fatalf("the count of %s goes from %d to %d", r.Key, last[string(r.Key)], n)
		}
		last[string(r.Key)] = n
	}
	for key, n := range last {
		if n != int64(most) {
			t.Errorf("%s is counted %d times, want %d", key, n, most)
		}
	}
}
