package app_test

import (
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/handlers"
	"github.com/suiro/suiro/streams/topology"
)

// byValue writes each record to the topic that is its value.
func byValue(t *testing.T) *topology.Topology {
	return build(t, func(in *words) {
		choose := func(r *streams.Record[string, string], _ streams.Position) (string, error) { return r.Value, nil }
		streams.ToChosen(in, choose, streams.String(), streams.String())
	})
}

// A handler is asked about each record for a topic that takes none, and all others are
// written once, although a broker's answer concerns a whole transaction.
func TestHandlersAreAskedAboutTopicsThatTakeNothing(t *testing.T) {
	brokers := cluster(t, "in", "out")
	w := &watched{t: t, log: &journal{}, done: make(chan error, 1)}
	var asked atomic.Int32
	var err error
	w.App, err = app.New(byValue(t), map[string]string{
		"application.id": "chooses", "bootstrap.servers": brokers[0], "state.dir": t.TempDir(),
		"errors.dead.letter.queue.topic.name": "dlq",
	}, &app.Options{Logger: logger(t), Handlers: handlers.Handlers{Production: func(f handlers.Failure) handlers.Response {
		if f.Stage != topology.Production || f.Output != "gone" || !errors.Is(f.Err, kerr.UnknownTopicOrPartition) {
			t.Errorf("asked about %+v, want the topic that is gone", f)
		}
		asked.Add(1)
		return handlers.DeadLetter
	}}})
	if err != nil {
		t.Fatal(err)
	}
	w.run()
	for _, topic := range []string{"out", "gone", "out", "gone", "out"} {
		kafkatest.Produce(t, brokers, &kgo.Record{Topic: "in", Partition: 1, Value: []byte(topic)})
	}
	var dead []string
	for _, r := range kafkatest.Consume(t, brokers, "dlq", 2) {
		dead = append(dead, headersOf(r)["__streams.errors.offset"])
	}
	slices.Sort(dead)
	same(t, "offsets of dead letters", dead, []string{"1", "3"})
	same(t, "output", kafkatest.Values(kafkatest.Consume(t, brokers, "out", 3)), []string{"out", "out", "out"})
	if asked.Load() < 2 {
		t.Errorf("the handler was asked %d times, want about each record", asked.Load())
	}
	if err := w.end(); err != nil {
		t.Error(err)
	}
}

// A handler may want a record to be tried again until the topic is there.
func TestHandlersOfProductionMayTryAgain(t *testing.T) {
	brokers := cluster(t, "in", "out")
	var asked atomic.Int32
	w := &watched{t: t, log: &journal{}, done: make(chan error, 1)}
	var err error
	w.App, err = app.New(build(t, func(in *words) {
		streams.To(in, "out", streams.String(), streams.NewSerde(
			func(v string) ([]byte, error) {
				if asked.Load() < 3 {
					return nil, errBad
				}
				return []byte(v), nil
			},
			func(b []byte) (string, error) { return string(b), nil }))
	}), map[string]string{"application.id": "again", "bootstrap.servers": brokers[0], "state.dir": t.TempDir()},
		&app.Options{Logger: logger(t), Handlers: handlers.Handlers{Production: func(handlers.Failure) handlers.Response {
			asked.Add(1)
			return handlers.Retry
		}}})
	if err != nil {
		t.Fatal(err)
	}
	w.run()
	kafkatest.Produce(t, brokers, &kgo.Record{Topic: "in", Value: []byte("a")})
	same(t, "output", kafkatest.Values(kafkatest.Consume(t, brokers, "out", 1)), []string{"a"})
	if n := asked.Load(); n != 3 {
		t.Errorf("the handler was asked %d times, want 3", n)
	}
	if err := w.end(); err != nil {
		t.Error(err)
	}
}
