package topics_test

import (
	"context"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/group"
	"github.com/suiro/suiro/streams/internal/topics"
	"github.com/suiro/suiro/streams/topology"
)

// graph reads "in" and what the pattern "logs-.*" matches, repartitions, counts, and writes to a topic.
func graph(t *testing.T, out string) *topology.Topology {
	t.Helper()
	var g topology.Graph
	g.AddSource(topology.Source{Name: "s0", Topic: "in"})
	g.AddSource(topology.Source{Name: "s1", Pattern: regexp.MustCompile("logs-.*")})
	g.AddSink(topology.Sink{Name: "k0", Topic: "by-key-repartition", Internal: true}, "s0", "s1")
	g.AddSource(topology.Source{Name: "s2", Topic: "by-key-repartition", Internal: true})
	g.AddProcessor(topology.Processor{Name: "p0", Stores: []topology.Store{{Spec: kinds.Spec{Name: "counts"}}}}, "s2")
	g.AddSink(topology.Sink{Name: "k1", Topic: out}, "p0")
	top, err := g.Build()
	if err != nil {
		t.Fatal(err)
	}
	return top
}

// The app's own topics have its id in front, those of others do not.
func TestTopicsHaveTheirNamesInKafka(t *testing.T) {
	all, err := topics.New("app", graph(t, "out"), "dlq")
	if err != nil {
		t.Fatal(err)
	}
	own := map[string]bool{"app-by-key-repartition": true, "app-counts-changelog": true}
	if got, want := all.Own(), own; !maps.Equal(got, want) {
		t.Errorf("the app's own topics are %v, want %v", got, want)
	}
	if got, want := all.Repartition(), map[string]bool{"app-by-key-repartition": true}; !maps.Equal(got, want) {
		t.Errorf("the repartition topics are %v, want %v", got, want)
	}
	for topic, want := range map[string]string{"in": "s0", "logs-web": "s1", "app-by-key-repartition": "s2", "out": ""} {
		got := ""
		if s := all.Source(topic); s != nil {
			got = s.Name
		}
		if got != want {
			t.Errorf("%s is read by %q, want %q", topic, got, want)
		}
	}
	got := all.Read([]string{"in", "logs-a", "logs-b", "other", "app-counts-changelog"})
	if want := map[string]int{"in": 0, "logs-a": 0, "logs-b": 0, "app-by-key-repartition": 1}; !maps.Equal(got, want) {
		t.Errorf("Read = %v, want %v", got, want)
	}
	inputs, internal := all.Reset()
	if !slices.Contains(inputs, "in") || !slices.Equal(internal, []string{"app-by-key-repartition", "app-counts-changelog"}) {
		t.Errorf("Reset = %v, %v", inputs, internal)
	}
	if !all.Grouped() || !all.Patterned() {
		t.Error("a source with a pattern may read several topics")
	}
}

// An app must not read its own dead letters, nor write to its own internal topics.
func TestTopicsThatMayNotBe(t *testing.T) {
	for name, tt := range map[string]struct{ out, deadLetters, want string }{
		"dead letters that are read":              {"out", "in", "is read by the app itself"},
		"dead letters that a pattern matches":     {"out", "logs-dead", "is read by the app itself"},
		"dead letters in a changelog":             {"out", "app-counts-changelog", "is a changelog of the app"},
		"an output that is a changelog":           {"app-counts-changelog", "", "node k1 writes topic app-counts-changelog"},
		"an output that is not one of its topics": {"other-counts-changelog", "dlq", ""},
	} {
		_, err := topics.New("app", graph(t, tt.out), tt.deadLetters)
		if (err != nil) != (tt.want != "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: New = %v, want an error that says %q", name, err, tt.want)
		}
	}
}

// Topics that a pattern matches are read when they appear, and left when they go.
func TestFollowerTellsOfTopicsThatComeAndGo(t *testing.T) {
	brokers := kafkatest.Start(t, kfake.SeedTopics(1, "in", "logs-a")).ListenAddrs()
	adm := kadm.NewClient(kafkatest.Client(t, brokers))
	all, err := topics.New("app", graph(t, "out"), "")
	if err != nil {
		t.Fatal(err)
	}
	type change struct{ came, went []string }
	changes := make(chan change, 1)
	f := topics.Follower{Topics: all, Sources: group.NewSources(all.Read([]string{"in", "logs-a"})), Admin: adm,
		Changed: func(came, went []string) { changes <- change{came, went} }, Log: slog.New(slog.DiscardHandler)}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); f.Run(ctx) }()
	defer func() { cancel(); <-done }()
	next := func() change {
		select {
		case c := <-changes:
			return c
		case <-time.After(20 * time.Second):
			t.Fatal("no change is told")
			return change{}
		}
	}
	if _, err := adm.CreateTopic(t.Context(), 1, 1, nil, "logs-b"); err != nil {
		t.Fatal(err)
	}
	if c := next(); !slices.Equal(c.came, []string{"logs-b"}) || len(c.went) > 0 {
		t.Errorf("came %v, went %v; want logs-b to come", c.came, c.went)
	}
	if _, err := adm.DeleteTopics(t.Context(), "logs-a"); err != nil {
		t.Fatal(err)
	}
	if c := next(); !slices.Equal(c.went, []string{"logs-a"}) || len(c.came) > 0 {
		t.Errorf("came %v, went %v; want logs-a to go", c.came, c.went)
	}
}
