package app_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/topology"
)

// cluster starts an embedded broker with the given topics of four partitions.
func cluster(t *testing.T, topics ...string) []string {
	t.Helper()
	return kafkatest.Start(t, kfake.SeedTopics(4, topics...)).ListenAddrs()
}

// produce writes n records of a few keys, a second of event time apart.
func produce(t *testing.T, brokers []string, topic string, from, n int) {
	t.Helper()
	records := make([]*kgo.Record, 0, n)
	for i := from; i < from+n; i++ {
		records = append(records, &kgo.Record{
			Topic: topic, Key: fmt.Appendf(nil, "k%d", i%7), Value: fmt.Appendf(nil, "v%d", i),
			Timestamp: time.UnixMilli(1_000_000_000_000 + int64(i)*1000),
		})
	}
	kafkatest.Produce(t, brokers, records...)
}

func logger(t *testing.T) *slog.Logger {
	w := io.Discard
	if testing.Verbose() {
		w = t.Output()
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// start runs an app in the background; the returned function stops it and
// returns its error.
func start(
	t *testing.T, topo *topology.Topology, brokers []string, dir string, props map[string]string,
) (*app.App, func() error) {
	t.Helper()
	all := map[string]string{
		"application.id": "test-app", "bootstrap.servers": strings.Join(brokers, ","), "state.dir": dir,
		"session.timeout.ms": "6000", "heartbeat.interval.ms": "200",
	}
	for k, v := range props {
		all[k] = v
	}
	app, err := app.New(topo, all, &app.Options{Logger: logger(t)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- app.Run(ctx) }()
	stopped := false
	stop := func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return <-done
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("app ended with %v", err)
		}
	})
	return app, stop
}

func upper(t *testing.T) *topology.Topology {
	t.Helper()
	b := streams.NewBuilder()
	in := streams.Stream(b, "in", streams.String(), streams.String())
	streams.To(streams.MapValues(in, func(v string) (string, error) { return strings.ToUpper(v), nil }),
		"out", streams.String(), streams.String())
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return topo
}

func TestAppMapsEveryRecordOnce(t *testing.T) {
	for _, guarantee := range []string{app.ExactlyOnceV2, app.AtLeastOnce} {
		t.Run(guarantee, func(t *testing.T) {
			brokers := cluster(t, "in", "out")
			produce(t, brokers, "in", 0, 1000)
			_, stop := start(t, upper(t), brokers, t.TempDir(), map[string]string{"processing.guarantee": guarantee})
			seen := map[string]int{}
			for _, r := range kafkatest.Consume(t, brokers, "out", 1000) {
				seen[string(r.Value)]++
			}
			if err := stop(); err != nil {
				t.Fatal(err)
			}
			for i := range 1000 {
				if got := seen[fmt.Sprintf("V%d", i)]; got != 1 {
					t.Errorf("record %d is there %d times, want once", i, got)
				}
			}
		})
	}
}

func counts(t *testing.T, opts ...streams.Option) *topology.Topology {
	return countsOf(t, "in", opts...)
}

// countsOf counts the keys of a topic in windows of a minute.
func countsOf(t *testing.T, topic string, opts ...streams.Option) *topology.Topology {
	t.Helper()
	b := streams.NewBuilder()
	in := streams.Stream(b, topic, streams.String(), streams.String())
	grouped := streams.GroupBy(in, "by-key", func(k, _ string) (string, error) { return k, nil }, streams.String(),
		streams.String())
	streams.CountWindows(grouped.WindowedBy(streams.TimeWindows{Size: time.Minute, Grace: 24 * time.Hour}), "counts", opts...)
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return topo
}

// total adds up all windows of all local partitions.
func total(t *testing.T, app *app.App) int64 {
	t.Helper()
	parts, err := app.Store("counts")
	if err != nil {
		return 0
	}
	sum := int64(0)
	for _, p := range parts {
		it, err := p.FetchAll(0, 1<<60)
		if err != nil {
			t.Fatal(err)
		}
		for it.Next() {
			n, err := streams.Int64().Deserialize(it.Value())
			if err != nil {
				t.Fatal(err)
			}
			sum += n
		}
		if err := it.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return sum
}

func TestWindowedCountsSurviveRestarts(t *testing.T) {
	for _, wipe := range []bool{false, true} {
		t.Run(fmt.Sprintf("wipe=%v", wipe), func(t *testing.T) {
			brokers := cluster(t, "in")
			dir := t.TempDir()
			for round := range 3 {
				produce(t, brokers, "in", round*1000, 1000)
				if wipe {
					dir = t.TempDir()
				}
				app, stop := start(t, counts(t), brokers, dir, nil)
				want := int64(round+1) * 1000
				kafkatest.Eventually(t, fmt.Sprintf("count %d", want), func() bool { return total(t, app) == want })
				if err := stop(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// Stores in memory are restored whenever an app starts, whatever its folder has.
func TestStoresInMemorySurviveRestarts(t *testing.T) {
	for name, c := range map[string]struct {
		props map[string]string
		opts  []streams.Option
	}{
		"by option":  {nil, []streams.Option{streams.InMemory()}},
		"by default": {map[string]string{"default.dsl.store": "in_memory"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			brokers, dir := cluster(t, "in"), t.TempDir()
			for round := range 3 {
				produce(t, brokers, "in", round*500, 500)
				opts, props := c.opts, c.props
				if round == 1 {
					opts, props = nil, nil // on the disk, which must not come back in the last round
				}
				app, stop := start(t, counts(t, opts...), brokers, dir, props)
				want := int64(round+1) * 500
				kafkatest.Eventually(t, fmt.Sprintf("count %d", want), func() bool { return total(t, app) == want })
				if err := stop(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
