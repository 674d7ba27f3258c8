package streams_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/handlers"
	"github.com/suiro/suiro/streams/streamstest"
	"github.com/suiro/suiro/streams/topology"
)

// failsAt fails at the value "bad" in the node that a case is about.
var failsAt = map[string]struct {
	describe func(in *words)
	stage    string
	node     string // that has failed
	offset   int64  // of the record that is asked about
	out      []string
}{
	"source": {
		stage: topology.Deserialization, node: "KSTREAM-SOURCE-0000000000", offset: 1, out: []string{"k=good"},
	},
	"node": {
		func(in *words) { toOut(streams.MapValues(in, plain)) },
		topology.Processing, "KSTREAM-MAPVALUES-0000000001", 1, []string{"k=good", "l=good"},
	},
	"panic": {
		func(in *words) {
			toOut(streams.MapValues(in, func(v string) (string, error) {
				if v == "bad" {
					panic(errBad)
				}
				return v, nil
			}))
		},
		topology.Processing, "KSTREAM-SOURCE-0000000000", 1, []string{"k=good", "l=good"},
	},
	"flush": {
		func(in *words) {
			last := streams.Reduce(streams.GroupByKey(in, streams.String()), "last",
				func(_, v string) (string, error) { return v, nil }, streams.String())
			toOut(streams.MapValues(last.ToStream(), plain, streams.Named("check")))
		},
		topology.Processing, "check", 1, []string{"l=good"}, // the key k has become bad
	},
	"panic at the flush": {
		func(in *words) {
			last := streams.Reduce(streams.GroupByKey(in, streams.String()), "last",
				func(_, v string) (string, error) { return v, nil }, streams.String())
			toOut(streams.MapValues(last.ToStream(), func(v string) (string, error) {
				if v == "bad" {
					panic(errBad)
				}
				return v, nil
			}, streams.Named("check")))
		},
		topology.Processing, "KSTREAM-SOURCE-0000000000", 1, []string{"l=good"},
	},
	"punctuation": {
		func(in *words) {
			out := streams.Process(in, func(ctx *streams.Context[string, string]) streams.Processor[string, string] {
				var last string
				ctx.Schedule(time.Second, streams.WallClockTime, func(time.Time) error {
					if err := ctx.Forward(&streams.Record[string, string]{Key: "late", Value: "x"}); err != nil {
						return err
					}
					_, err := plain(last)
					return err
				})
				return streams.ProcessorFunc[string, string](func(r *streams.Record[string, string]) error {
					last = "bad"
					return ctx.Forward(r)
				})
			}, streams.Named("timer"))
			streams.To(out.MarkAsPartitioned(), "out", streams.String(), streams.String())
		},
		topology.Processing, "timer", -1, []string{"k=good", "k=bad", "l=good"},
	},
	"sink": {
		func(in *words) {
			streams.To(in, "out", streams.String(), streams.NewSerde(
				func(v string) ([]byte, error) { _, err := plain(v); return []byte(v), err },
				func(b []byte) (string, error) { return string(b), nil }))
		},
		topology.Production, "KSTREAM-SINK-0000000001", 1, []string{"k=good", "l=good"},
	},
}

// plain fails with an error that is no rejection.
func plain(v string) (string, error) {
	if v == "bad" {
		return "", errBad
	}
	return v, nil
}

// Whatever fails, wherever it does, a handler is asked, and its answer counts.
func TestHandlersDecideWhereverItFails(t *testing.T) {
	for name, c := range failsAt {
		for _, answer := range []handlers.Response{handlers.Fail, handlers.Continue, handlers.DeadLetter} {
			t.Run(fmt.Sprintf("%s %v", name, answer), func(t *testing.T) {
				var asked []handlers.Failure
				decide := func(f handlers.Failure) handlers.Response {
					asked = append(asked, f)
					return answer
				}
				d, err := runFailing(t, c.describe, &streamstest.Options{
					Handlers:   handlers.Handlers{Deserialization: decide, Processing: decide, Production: decide},
					Properties: map[string]string{"errors.dead.letter.queue.topic.name": "dlq"},
				})
				if len(asked) == 0 {
					t.Fatalf("no handler was asked; the error is %v", err)
				}
				f := asked[0]
				if f.Stage != c.stage || f.Node != c.node || f.Offset != c.offset || !strings.Contains(f.Err.Error(), "bad value") &&
					c.stage != topology.Deserialization {
					t.Errorf("asked about %s in %q at %d: %v; want %s in %q at %d", f.Stage, f.Node, f.Offset, f.Err, c.stage, c.node,
						c.offset)
				}
				if strings.HasPrefix(name, "panic") != errors.Is(f.Err, handlers.ErrPanic) {
					t.Errorf("the error %v is a panic: %v", f.Err, errors.Is(f.Err, handlers.ErrPanic))
				}
				if answer == handlers.Fail {
					if err == nil {
						t.Error("it went on, want an error")
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				dead := 0
				if answer == handlers.DeadLetter {
					dead = 1
				}
				if got := len(d.Rejected()); got != dead {
					t.Errorf("%d dead letters, want %d", got, dead)
				}
				if got := d.Dropped(); got != 1-dead {
					t.Errorf("%d records count as dropped, want %d", got, 1-dead)
				}
				same(t, "output", texts(d.Read("out")), c.out)
			})
		}
	}
}

// runFailing gives a topology the values good, bad and good, and lets a second pass. A nil
// describe reads numbers, of which "bad" is none.
func runFailing(t *testing.T, describe func(in *words), o *streamstest.Options) (*streamstest.Driver, error) {
	t.Helper()
	var topo *topology.Topology
	bad := []byte("bad")
	good := []byte("good")
	if describe != nil {
		topo = build(t, describe)
	} else {
		b := streams.NewBuilder()
		in := streams.Stream(b, "in", streams.String(), streams.Int64())
		streams.To(streams.MapValues(in, func(int64) (string, error) { return "good", nil }), "out", streams.String(),
			streams.String())
		var err error
		if topo, err = b.Build(); err != nil {
			t.Fatal(err)
		}
		good = binary.BigEndian.AppendUint64(nil, 1)
	}
	d, err := streamstest.New(topo, o)
	if err != nil {
		t.Fatal(err)
	}
	records := []streamstest.Record{{Key: []byte("k"), Value: good}, {Key: []byte("k"), Value: bad}}
	if describe != nil {
		records = append(records, streamstest.Record{Key: []byte("l"), Value: good})
	}
	if err := d.Send("in", records...); err != nil {
		return d, err
	}
	d.Advance(time.Second)
	return d, d.Commit()
}

// The keys of Kafka Streams do the same, by our names and by Java's.
func TestKeysChooseHandlers(t *testing.T) {
	const errorsOf = "org.apache.kafka.streams.errors."
	for _, c := range []struct {
		where, key, value string
		topic             bool
		fails             bool
		dead              int
	}{
		{"source", "deserialization.exception.handler", "continue", false, false, 0},
		{"source", "deserialization.exception.handler", errorsOf + "LogAndContinueExceptionHandler", true, false, 1},
		{"source", "default.deserialization.exception.handler", errorsOf + "LogAndContinueExceptionHandler", false, false, 0},
		{"source", "deserialization.exception.handler", "fail", true, true, 0},
		{"source", "deserialization.exception.handler", "", true, false, 1},
		{"node", "processing.exception.handler", "continue", true, false, 1},
		{"node", "processing.exception.handler", "continue", false, false, 0},
		{"node", "processing.exception.handler", errorsOf + "LogAndFailProcessingExceptionHandler", true, true, 0},
		{"node", "processing.exception.handler", "", true, true, 0}, // it is no rejection
		{"flush", "processing.exception.handler", "continue", true, false, 1},
		{"sink", "production.exception.handler", "continue", false, false, 0},
		{"sink", "production.exception.handler", errorsOf + "DefaultProductionExceptionHandler", true, false, 1},
	} {
		props := map[string]string{c.key: c.value}
		if c.topic {
			maps.Copy(props, map[string]string{"errors.dead.letter.queue.topic.name": "dlq"})
		}
		d, err := runFailing(t, failsAt[c.where].describe, &streamstest.Options{Properties: props})
		if (err != nil) != c.fails {
			t.Errorf("%+v: the error is %v", c, err)
		}
		if got := len(d.Rejected()); got != c.dead {
			t.Errorf("%+v: %d dead letters, want %d", c, got, c.dead)
		}
	}
}

// A dead letter of a panic has the stack apart from the message.
func TestDeadLettersOfPanicsHaveTheirStack(t *testing.T) {
	d, err := runFailing(t, failsAt["panic"].describe, &streamstest.Options{Properties: map[string]string{
		"errors.dead.letter.queue.topic.name": "dlq", "processing.exception.handler": "continue"}})
	if err != nil {
		t.Fatal(err)
	}
	r := d.Rejected()[0]
	stack := ""
	for _, h := range r.Record.Headers {
		if h.Key == "__streams.errors.stacktrace" {
			stack = string(h.Value)
		}
	}
	if r.Reason != "panic: bad value" || !strings.Contains(stack, "handlers_test.go") {
		t.Errorf("the reason is %q with the stack %q, want the value and the place", r.Reason, stack)
	}
}

// What a handler cannot mean is an error that says so.
func TestAnswersThatCannotBe(t *testing.T) {
	for name, c := range map[string]struct {
		answer handlers.Handler
		want   string
	}{
		"a dead letter without a topic": {func(handlers.Failure) handlers.Response { return handlers.DeadLetter },
			"set errors.dead.letter.queue.topic.name"},
		"a retry of processing": {func(handlers.Failure) handlers.Response { return handlers.Retry }, "for errors of production"},
		"a panic":               {func(handlers.Failure) handlers.Response { panic("at sea") }, "the handler of such errors failed: panic: at sea"},
	} {
		_, err := runFailing(t, failsAt["node"].describe, &streamstest.Options{Handlers: handlers.Handlers{Processing: c.answer}})
		if err == nil || !strings.Contains(err.Error(), c.want) || !errors.Is(err, errBad) {
			t.Errorf("%s: the error is %v, want one with %q", name, err, c.want)
		}
	}
}

// Handlers that would have to be run by Java are refused, with what to do.
func TestHandlersOfOthersAreRefused(t *testing.T) {
	topo := build(t, func(in *words) { toOut(in) })
	_, err := streamstest.New(topo, &streamstest.Options{Properties: map[string]string{
		"processing.exception.handler": "com.example.Mine"}})
	if err == nil || !strings.Contains(err.Error(), "app.Options.Handlers") {
		t.Errorf("the error is %v, want one that names app.Options.Handlers", err)
	}
}
