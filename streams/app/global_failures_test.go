package app_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/handlers"
	"github.com/suiro/suiro/streams/topology"
)

// readable is text, of which what ends with "unreadable" cannot be read.
func readable() streams.Serde[string] {
	return streams.NewSerde(func(v string) ([]byte, error) { return []byte(v), nil }, func(data []byte) (string, error) {
		if bytes.HasSuffix(data, []byte("unreadable")) {
			return "", errBad
		}
		return string(data), nil
	})
}

// globalStore keeps the topic "rows" in the global store "all", and fails as the values say.
func globalStore(t *testing.T) *topology.Topology {
	t.Helper()
	b := streams.NewBuilder()
	store := streams.NewKeyValueStore("all", streams.String(), streams.NewSerde(
		func(v string) ([]byte, error) {
			if v == "unwritable" {
				return nil, errBad
			}
			return []byte(v), nil
		},
		func(data []byte) (string, error) { return string(data), nil }))
	streams.AddGlobalStore(b, store, "rows", streams.String(), readable(),
		func(ctx *streams.GlobalContext) streams.Processor[string, string] {
			rows := store.Open(ctx)
			return streams.ProcessorFunc[string, string](func(r *streams.Record[string, string]) error {
				switch r.Value {
				case "rejected":
					return streams.Reject(errBad)
				case "failed":
					return errBad
				case "panicked":
					panic(errBad)
				}
				return rows.Put(r.Key, r.Value)
			})
		}, streams.Named("rows-processor"))
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return topo
}

// letters is the topic of dead letters, as a property.
var letters = map[string]string{"errors.dead.letter.queue.topic.name": "dlq"}

// with returns properties and one more.
func with(props map[string]string, key, value string) map[string]string {
	all := map[string]string{key: value}
	maps.Copy(all, props)
	return all
}

// What becomes of a record of a global store is decided as for those of tasks, but that the
// handler of processing is asked only when its key says so. What a global store makes of a record
// goes nowhere but to the store, so that nothing fails at production.
func TestHandlersDecideAboutRecordsOfGlobalStores(t *testing.T) {
	const deserialization, processing = "deserialization.exception.handler", "processing.exception.handler"
	too := with(letters, "processing.exception.handler.global.enabled", "true")
	answers := func(r handlers.Response) handlers.Handlers {
		answer := func(handlers.Failure) handlers.Response { return r }
		return handlers.Handlers{Deserialization: answer, Processing: answer}
	}
	for _, tt := range []struct {
		value    string
		props    map[string]string
		handlers handlers.Handlers
		dead     bool
		ends     string // with this in the error, "" if the app goes on
		asked    int    // how often handlers are
	}{
		{value: "unreadable", ends: "set errors.dead.letter.queue.topic.name"},
		{value: "rejected", ends: "set errors.dead.letter.queue.topic.name"},
		{value: "failed", props: letters, ends: "bad value"},
		{value: "panicked", props: letters, ends: "panic"},
		{value: "unwritable", props: letters, ends: "encode the value of store all"},
		{value: "unreadable", props: letters, dead: true},
		{value: "rejected", props: letters, dead: true},

		{value: "unreadable", props: map[string]string{deserialization: "continue"}},
		{value: "unreadable", props: with(letters, deserialization, "continue"), dead: true},
		{value: "unreadable", props: with(letters, deserialization, "fail"), ends: "bad value"},
		{value: "rejected", props: with(letters, deserialization, "fail"), dead: true},
		{value: "failed", props: with(letters, processing, "continue"), ends: "bad value"},
		{value: "rejected", props: with(letters, processing, "fail"), dead: true},

		{value: "rejected", props: with(too, processing, "fail"), ends: "bad value"},
		{value: "failed", props: with(too, processing, "continue"), dead: true},
		{value: "panicked", props: with(too, processing, "continue"), dead: true},
		{value: "unwritable", props: with(too, processing, "continue"), dead: true},

		{value: "unreadable", props: letters, handlers: answers(handlers.Continue), asked: 1},
		{value: "unreadable", props: letters, handlers: answers(handlers.Fail), ends: "bad value", asked: 1},
		{value: "failed", props: letters, handlers: answers(handlers.Continue), ends: "bad value"},
		{value: "failed", props: too, handlers: answers(handlers.Continue), asked: 1},
		{value: "failed", props: too, handlers: answers(handlers.DeadLetter), dead: true, asked: 1},
		{value: "failed", props: map[string]string{"processing.exception.handler.global.enabled": "true"},
			handlers: answers(handlers.DeadLetter), ends: "its handler wants a dead letter", asked: 1},
		{value: "rejected", props: too, handlers: answers(handlers.Fail), ends: "bad value", asked: 1},
		{value: "rejected", props: too, handlers: answers(handlers.Retry), ends: "for errors of production only", asked: 1},
	} {
		t.Run(fmt.Sprint(tt.value, " with ", tt.props, " ", tt.asked, " ", tt.ends), func(t *testing.T) {
			asked := &failuresAsked{}
			w, brokers := withBadRow(t, tt.value, tt.props, asked.noting(tt.handlers))
			if tt.ends != "" {
				err := <-w.done
				for _, want := range []string{tt.ends, "global store all", "record rows-0@1"} {
					if err == nil || !strings.Contains(err.Error(), want) {
						t.Errorf("the app ends with %v, want an error with %q", err, want)
					}
				}
				asked.check(t, tt.value, tt.asked)
				return
			}
			kafkatest.Eventually(t, "the rows behind the record are there", func() bool {
				found := all(t, w.App)
				return len(found) == 2 && found["a"] == "1" && found["c"] == "1"
			})
			if tt.dead {
				r := kafkatest.Consume(t, brokers, "dlq", 1)[0]
				if h := headersOf(r); h["__streams.errors.offset"] != "1" || h["__streams.errors.topic"] != "rows" ||
					!strings.Contains(h["__streams.errors.message"], "bad value") || string(r.Value) != tt.value {
					t.Errorf("dead letter %s with %v, want that of offset 1", r.Value, h)
				}
			} else if n := metric(t, w.App, "kafka_streams_task_dead_letter_records_total"); n != 0 {
				t.Errorf("%v dead letters, want none", n)
			}
			asked.check(t, tt.value, tt.asked)
			if err := w.end(); err != nil {
				t.Error(err)
			}
		})
	}
}

// withBadRow runs an app whose global store gets a record between two good ones.
func withBadRow(t *testing.T, value string, props map[string]string, how handlers.Handlers) (*watched, []string) {
	t.Helper()
	brokers := kafkatest.Start(t, kfake.SeedTopics(1, "rows", "dlq")).ListenAddrs()
	kafkatest.Produce(t, brokers, &kgo.Record{Topic: "rows", Key: []byte("a"), Value: []byte("1")},
		&kgo.Record{Topic: "rows", Key: []byte("b"), Value: []byte(value)},
		&kgo.Record{Topic: "rows", Key: []byte("c"), Value: []byte("1")})
	every := map[string]string{"application.id": "global", "bootstrap.servers": brokers[0], "state.dir": t.TempDir()}
	maps.Copy(every, props)
	w := &watched{t: t, log: &journal{}, done: make(chan error, 1)}
	var err error
	if w.App, err = app.New(globalStore(t), every, &app.Options{Logger: logger(t), Handlers: how}); err != nil {
		t.Fatal(err)
	}
	w.run()
	return w, brokers
}

// failuresAsked is what handlers were asked about.
type failuresAsked struct {
	mu  sync.Mutex
	all []handlers.Failure
}

// noting returns handlers that note what they are asked about.
func (a *failuresAsked) noting(h handlers.Handlers) handlers.Handlers {
	note := func(ask handlers.Handler) handlers.Handler {
		if ask == nil {
			return nil
		}
		return func(f handlers.Failure) handlers.Response {
			a.mu.Lock()
			defer a.mu.Unlock()
			f.Key, f.Value = bytes.Clone(f.Key), bytes.Clone(f.Value)
			a.all = append(a.all, f)
			return ask(f)
		}
	}
	return handlers.Handlers{Deserialization: note(h.Deserialization), Processing: note(h.Processing),
		Production: note(h.Production)}
}

// check checks that handlers were asked about the record so many times.
func (a *failuresAsked) check(t *testing.T, value string, times int) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.all) != times {
		t.Errorf("handlers were asked %d times, want %d", len(a.all), times)
	}
	stage := topology.Processing
	if value == "unreadable" {
		stage = topology.Deserialization
	}
	for _, f := range a.all {
		if f.Stage != stage || f.Topic != "rows" || f.Partition != 0 || f.Offset != 1 || string(f.Key) != "b" ||
			string(f.Value) != value || f.Output != "" || f.Node == "" || !errors.Is(f.Err, errBad) {
			t.Errorf("asked about %+v, want %s of rows-0@1", f, stage)
		}
	}
}

// What the topic of dead letters takes is learned for those of global stores too: without that
// the app would end at every start.
func TestDeadLettersOfGlobalStoresLearnWhatTheirTopicTakes(t *testing.T) {
	for name, tt := range map[string]struct {
		code  int16
		wrong func(batch []byte) bool
		bad   *kgo.Record
	}{
		"too large": {kerr.MessageTooLarge.Code, func(b []byte) bool { return len(b) > 2000 },
			&kgo.Record{Value: append(noise(300_000), "unreadable"...)}},
		"of another time": {kerr.InvalidTimestamp.Code, early,
			&kgo.Record{Value: []byte("unreadable"), Timestamp: time.Now().Add(3 * time.Hour)}},
	} {
		t.Run(name, func(t *testing.T) {
			c := kafkatest.Start(t, kfake.SeedTopics(1, "rows", "dlq"))
			refused := refuse(c, "dlq", tt.code, tt.wrong)
			brokers := c.ListenAddrs()
			tt.bad.Topic, tt.bad.Key = "rows", []byte("b")
			large(t, brokers, &kgo.Record{Topic: "rows", Key: []byte("a"), Value: []byte("1")})
			large(t, brokers, tt.bad)
			large(t, brokers, &kgo.Record{Topic: "rows", Key: []byte("c"), Value: []byte("1")})
			a, stop := start(t, globalStore(t), brokers, t.TempDir(), with(letters, "compression.type", "none"))
			kafkatest.Eventually(t, "the rows are there", func() bool {
				return slices.Equal(slices.Sorted(maps.Keys(all(t, a))), []string{"a", "c"})
			})
			if got := headersOf(kafkatest.Consume(t, brokers, "dlq", 1)[0])["__streams.errors.offset"]; got != "1" {
				t.Errorf("a dead letter of offset %s, want that of offset 1", got)
			}
			if refused.Load() == 0 {
				t.Error("the broker refused nothing")
			}
			if err := stop(); err != nil {
				t.Fatal(err)
			}
		})
	}
}
