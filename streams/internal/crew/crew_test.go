package crew

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams/internal/group"
	"github.com/suiro/suiro/streams/internal/lag"
	"github.com/suiro/suiro/streams/internal/telemetry"
	"github.com/suiro/suiro/streams/internal/thread"
)

// nobody is told what becomes of threads.
type nobody struct{}

func (nobody) Wants(int)                  {}
func (nobody) Set(string, *thread.Thread) {}
func (nobody) Fails()                     {}

// What all threads share is divided by how many there are, from the moment on at which one comes,
// and until it has ended.
func TestSizeFollowsThreadsThatComeAndGo(t *testing.T) {
	brokers := kafkatest.Start(t, kfake.SeedTopics(4, "in")).ListenAddrs()
	metrics, err := telemetry.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	client := []kgo.Opt{kgo.SeedBrokers(brokers...)}
	c := New(Options{Life: nobody{}, Brokers: kafka.NewBrokers(log), Metrics: metrics, Logger: log})
	ctx, cancel := context.WithCancel(t.Context())
	running, ctx := errgroup.WithContext(ctx)
	sources := group.NewSources(nil)
	c.Open(ctx, running, func(number int) thread.Options {
		return thread.Options{Group: "app", Name: fmt.Sprint("thread-", number), Client: client, Member: client,
			Sources: sources, CommitInterval: 100 * time.Millisecond, HeartbeatInterval: time.Second, MaxPollRecords: 10,
			Metrics: metrics, Lags: lag.New(nil), Logger: log}
	}, func() error { return nil })
	check := func(when string, want int64) {
		t.Helper()
		if got := c.Size().Load(); got != want {
			t.Errorf("%s there are %d threads, want %d", when, got, want)
		}
	}
	check("at first", 0)
	for n := range int64(3) {
		if _, err := c.Add(); err != nil {
			t.Fatal(err)
		}
		check("after Add", n+1)
	}
	if _, err := c.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	check("after Remove", 2)
	cancel()
	if err := running.Wait(); err != nil {
		t.Error(err)
	}
	check("in the end", 0)
}
