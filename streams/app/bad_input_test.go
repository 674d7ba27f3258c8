package app_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/topology"
)

// badInput is an app that cannot run. DIR in the text is its state folder.
type badInput struct {
	name  string
	make  func(b *streams.Builder)
	props map[string]string
	// before is an app that has run before in the same place.
	before func(b *streams.Builder)
	want   string
}

var text = streams.String()

func read(b *streams.Builder, topic string) *words { return streams.Stream(b, topic, text, text) }

// countIn counts what is in a topic, in windows if they have a size.
func countIn(topic, store string, size time.Duration) func(b *streams.Builder) {
	return func(b *streams.Builder) {
		g := streams.GroupByKey(read(b, topic), text)
		if size == 0 {
			streams.Count(g, store)
			return
		}
		streams.CountWindows(g.WindowedBy(streams.TimeWindows{Size: size}), store)
	}
}

const howToReset = "to reset the app: stop all instances, run the app's command reset (or App.Reset) on each machine, and " +
	"start again"

var badInputs = []badInput{
	{name: "an application.id that no topic can have", props: map[string]string{"application.id": "a b"},
		make: countIn("in", "counts", 0), want: `Invalid value a b for configuration application.id: "a b" has the byte " ": ` +
			`use letters, digits, full stops, dashes and underscores`},
	{name: "a dead-letter topic that is read", props: map[string]string{"errors.dead.letter.queue.topic.name": "in"},
		make: countIn("in", "counts", 0), want: `Invalid value in for configuration errors.dead.letter.queue.topic.name: is ` +
			`read by the app itself, so that dead letters would come back: choose another topic`},
	{name: "an output that is a changelog", make: func(b *streams.Builder) {
		countIn("in", "counts", 0)(b)
		streams.To(read(b, "right"), "bad-counts-changelog", text, text)
	}, want: `node KSTREAM-SINK-0000000003 writes topic bad-counts-changelog, which is an internal topic of the app: choose ` +
		`another topic or another application.id`},
	{name: "a topic that does not exist", make: countIn("inn", "counts", 0),
		want: `prepare topics: input topic inn does not exist (did you mean in?)
set create.topics=true (--create-topics on the command line) and the app makes them, or make them yourself, with Suiro or ` +
			`with Kafka's own tool:
  suiro topics create --bootstrap-servers BROKER --partitions 4 inn
  kafka-topics.sh --bootstrap-server BROKER --create --partitions 4 --topic inn`},
	{name: "sources that are not copartitioned", make: func(b *streams.Builder) {
		streams.Join(read(b, "in"), read(b, "right"), streams.TimeDifference(time.Second, 0),
			func(l, r string) (string, error) { return l + r, nil }, text, text, text)
	}, want: `prepare topics: topics that are joined need equal numbers of partitions, as equal keys must meet in one task: ` +
		`in has 2, right has 3; put streams.Repartition before the join on one side, or make a topic again with as many as ` +
		`the other has`},
	{name: "stores of another kind in the folder", before: func(b *streams.Builder) {
		countIn("in", "counts", 0)(b)
		countIn("right", "more", time.Minute)(b)
	}, make: func(b *streams.Builder) {
		countIn("in", "counts", time.Minute)(b)
		countIn("right", "more", time.Hour)(b)
	}, want: `open state folder DIR: store counts is a timestamped-key-value store there, and the topology has a ` +
		`timestamped-window store of 60000 ms: give the store another name, to begin with an empty one, or reset the app
store more is a timestamped-window store of 60000 ms there, and the topology has a timestamped-window store of 3600000 ms: ` +
		`give the store another name, to begin with an empty one, or reset the app
` + howToReset},
	{name: "a generated name that is gone", before: countIn("in", "", 0), make: countIn("in", "counts", 0),
		want: `open state folder DIR: it has the state of store KSTREAM-AGGREGATE-STATE-STORE-0000000001, which the topology ` +
			`does not have: the name was generated, and changes with the nodes before the store; give the store that name to go ` +
			`on with its values, or reset the app, and give its stores names of their own
` + howToReset},
	{name: "a store that was not declared", make: func(b *streams.Builder) {
		seen := streams.NewKeyValueStore("seen", text, text)
		streams.Process(read(b, "in"), func(ctx *streams.Context[string, string]) streams.Processor[string, string] {
			seen.Open(ctx)
			return nil
		})
	}, want: `task 0_0: start the nodes: panic: no such store is declared: store "seen": give it to the node that uses it, ` +
		`with WithStores`},
}

// An app that cannot run says what to change before it processes anything. The texts are
// whole, for somebody to read.
func TestBadInputIsToldBeforeAnythingIsProcessed(t *testing.T) {
	for _, tt := range badInputs {
		t.Run(tt.name, func(t *testing.T) {
			brokers := kafkatest.Start(t, kfake.SeedTopics(2, "in"), kfake.SeedTopics(3, "right")).ListenAddrs()
			produce(t, brokers, "in", 0, 10)
			props := map[string]string{"application.id": "bad", "bootstrap.servers": brokers[0], "state.dir": t.TempDir()}
			maps.Copy(props, tt.props)
			if tt.before != nil {
				runUntilRead(t, tt.before, brokers, props)
			}
			dir := filepath.Join(props["state.dir"], props["application.id"])
			got := strings.ReplaceAll(fmt.Sprint(ended(t, tt.make, props)), dir, "DIR")
			got, _, _ = strings.Cut(got, "\ngithub.com/") // the stack of a panic
			got = strings.Replace(got, "task 0_1", "task 0_0", 1)
			if got = strings.ReplaceAll(got, brokers[0], "BROKER"); got != tt.want {
				t.Errorf("error\n%s\nwant\n%s", got, tt.want)
			}
			offsets, err := kadm.NewClient(kafkatest.Client(t, brokers)).FetchOffsets(t.Context(), "bad")
			if err != nil && !errors.Is(err, kerr.GroupIDNotFound) || tt.before == nil && len(offsets) > 0 {
				t.Errorf("offsets %v, %v, want none", offsets, err)
			}
		})
	}
}

func topologyOf(t *testing.T, describe func(*streams.Builder)) *topology.Topology {
	t.Helper()
	b := streams.NewBuilder()
	describe(b)
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return topo
}

// runUntilRead runs an app until it has committed what is in the topic in.
func runUntilRead(t *testing.T, describe func(*streams.Builder), brokers []string, props map[string]string) {
	t.Helper()
	_, stop := start(t, topologyOf(t, describe), brokers, props["state.dir"], map[string]string{"application.id": "bad"})
	adm := kadm.NewClient(kafkatest.Client(t, brokers))
	kafkatest.Eventually(t, "all is read", func() bool {
		offsets, err := adm.FetchOffsets(t.Context(), "bad")
		return err == nil && offsets.KOffsets()["in"][0].EpochOffset().Offset+offsets.KOffsets()["in"][1].EpochOffset().Offset >= 10
	})
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

// ended runs an app that must end with an error.
func ended(t *testing.T, describe func(*streams.Builder), props map[string]string) error {
	t.Helper()
	a, err := app.New(topologyOf(t, describe), props, &app.Options{Logger: logger(t)})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err = a.Run(ctx)
	if ctx.Err() != nil {
		return errors.New("the app runs")
	}
	return err
}
