package app_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/app"
)

// An app that is stopped before it has started has not failed.
func TestStopBeforeTheBeginning(t *testing.T) {
	app, err := app.New(upper(t), map[string]string{
		"application.id": "test-app", "bootstrap.servers": cluster(t, "in", "out")[0], "state.dir": t.TempDir(),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := app.Run(ctx); err != nil {
		t.Errorf("the app ended with %v, want nil", err)
	}
}

func TestRunMayBeCalledOnce(t *testing.T) {
	app, err := app.New(upper(t), map[string]string{
		"application.id": "test-app", "bootstrap.servers": cluster(t, "in", "out")[0], "state.dir": t.TempDir(),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, want := range []string{"<nil>", "run the app test-app: it runs or has run: to run it again, make another App with New"} {
		if got := fmt.Sprint(app.Run(ctx)); got != want {
			t.Errorf("Run = %s, want %s", got, want)
		}
	}
}

func TestAppsWithOneRegistryNeedIDsOfTheirOwn(t *testing.T) {
	registry := prometheus.NewRegistry()
	for _, tt := range []struct{ id, want string }{
		{"a", ""}, {"b", ""}, {"a", "register metrics of a: "}, {"a", "give each app of a registry its own application.id"},
	} {
		_, err := app.New(upper(t), map[string]string{"application.id": tt.id}, &app.Options{Metrics: registry})
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("New of %s = %v, want an error with %q", tt.id, err, tt.want)
		}
	}
}

// Whatever an app was doing when it was stopped, nothing of it continues to run.
func TestNothingRunsAfterTheStop(t *testing.T) {
	for _, tt := range []struct {
		name string
		// The broker answers no request of this kind, and the app is stopped at
		// the first; or during says when.
		mute   kmsg.Key
		during func(t *testing.T, c *kfake.Cluster, app *app.App)
	}{
		{name: "taking a producer id", mute: kmsg.InitProducerID},
		{name: "joining", mute: kmsg.JoinGroup},
		{name: "fetching offsets", mute: kmsg.OffsetFetch},
		{name: "listing offsets", mute: kmsg.ListOffsets},
		{name: "running", during: func(t *testing.T, c *kfake.Cluster, app *app.App) {
			produce(t, c.ListenAddrs(), "in", 0, 100)
			kafkatest.Eventually(t, "all is counted", func() bool { return total(t, app) == 100 })
		}},
		{name: "without broker", during: func(t *testing.T, c *kfake.Cluster, app *app.App) {
			produce(t, c.ListenAddrs(), "in", 0, 100)
			kafkatest.Eventually(t, "all is counted", func() bool { return total(t, app) == 100 })
			c.Close()
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := kafkatest.Start(t, kfake.SeedTopics(4, "in"))
			asked := make(chan struct{}, 1000)
			if tt.during == nil {
				mute(c, tt.mute, asked)
			}
			app, stop := start(t, counts(t), c.ListenAddrs(), t.TempDir(), nil)
			if tt.during != nil {
				tt.during(t, c, app)
			} else {
				kafkatest.Eventually(t, "the broker is asked", func() bool { return len(asked) > 0 })
			}
			stopped := make(chan error, 1)
			go func() { stopped <- stop() }()
			select {
			case err := <-stopped:
				if err != nil {
					t.Error(err)
				}
			case <-time.After(time.Minute):
				t.Fatal("the app did not stop within a minute")
			}
			kafkatest.Eventually(t, "nothing runs", func() bool { return !strings.Contains(stacks(), ownCode) })
		})
	}
}

// ownCode is in the stack of every goroutine of an app.
const ownCode = "suiro/streams/internal/"

func stacks() string {
	buf := make([]byte, 1<<20)
	return string(buf[:runtime.Stack(buf, true)])
}

// mute makes the broker leave requests of a kind unanswered, and reports each.
func mute(c *kfake.Cluster, key kmsg.Key, asked chan<- struct{}) {
	c.ControlKey(key.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		asked <- struct{}{}
		return nil, nil, true
	})
}

// A registry of the caller's can be used again after an app was refused.
func TestAnAppThatIsRefusedLeavesNoMetrics(t *testing.T) {
	registry := prometheus.NewRegistry()
	for _, tt := range []struct {
		letters string
		refused bool
	}{{"in", true}, {"letters", false}} {
		b := streams.NewBuilder()
		countIn("in", "counts", 0)(b)
		topology, err := b.Build()
		if err != nil {
			t.Fatal(err)
		}
		_, err = app.New(topology, map[string]string{"application.id": "words", "bootstrap.servers": "127.0.0.1:1",
			"errors.dead.letter.queue.topic.name": tt.letters}, &app.Options{Metrics: registry})
		if (err != nil) != tt.refused {
			t.Errorf("dead letters in topic %s: New = %v, want an error: %v", tt.letters, err, tt.refused)
		}
	}
}
