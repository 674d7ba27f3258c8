package topology_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/topology"
)

func TestBuildTellsEverythingThatIsWrong(t *testing.T) {
	stores := func(s ...topology.Store) []topology.Store { return s }
	kept := func(name string, kind kinds.Kind) topology.Store {
		return topology.Store{Spec: kinds.Spec{Name: name, Kind: kind}}
	}
	var g topology.Graph
	g.AddSource(topology.Source{Name: "a", Topic: "in"})
	g.AddSource(topology.Source{Name: "b", Topic: "in"})
	g.AddSource(topology.Source{Name: "c", Topics: []string{"many", "many"}, Reset: "first"})
	g.AddSource(topology.Source{Name: "d"})
	g.AddSource(topology.Source{Name: "e", Topic: "o", Pattern: regexp.MustCompile("i.")})
	g.AddSource(topology.Source{Name: "r1", Topic: "by-key-repartition", Internal: true})
	g.AddSource(topology.Source{Name: "r2", Topic: "by-key-repartition", Internal: true})
	g.AddProcessor(topology.Processor{Name: "a"}, "nobody")
	g.AddProcessor(topology.Processor{Name: "one", Stores: stores(kept("s", kinds.KeyValue), kept("w", kinds.Window))}, "two")
	g.AddProcessor(topology.Processor{Name: "two", Stores: stores(kept("s", kinds.Timestamped), kept("a/b", 0))}, "b", "one")
	g.AddProcessor(topology.Processor{Name: "alone"})
	g.AddSink(topology.Sink{Name: "", Topic: "out"}, "b")
	g.AddSink(topology.Sink{Name: "back", Topic: "many"}, "c")
	g.AddSink(topology.Sink{Name: "k", Topic: "a b"}, "c")
	g.Copartition("a", "z")
	_, err := g.Build()
	got := strings.Split(fmt.Sprint(err), "\n")
	slices.Sort(got)
	want := []string{
		`build topology: two nodes are named "a": give each its own name`,
		`a node has no name: give it one`,
		`node "a" is added below "nobody", and there is no such node: name one that there is`,
		`node "one" is added below "two", which comes after it, so that records could go round in a circle: add each node ` +
			`after those above it`,
		`sources "a" and "b" both read topic "in": read it once and branch`,
		`source "c" names topic "many" twice: name it once`,
		`source "c" is to begin at "first" where the group has no offset: choose earliest, latest or none`,
		`source "d" reads no topic: name one, or give it a pattern`,
		`source "e" has topics and a pattern: give it one of them`,
		`sources "b" and "e" both read topic "in": the pattern i. must not match it`,
		`two repartition topics are named "by-key": give each its own name`,
		`store "s" is a key-value store for one node and a timestamped key-value store for another, or they differ in its ` +
			`retention, window size or changelog: give each its own store`,
		`store "w": the store cannot be made: a window store needs a retention of at least a millisecond, and 0s was given`,
		`node two has a store that cannot have its name: "a/b" has the byte "/": use letters, digits, full stops, dashes ` +
			`and underscores`,
		`node k writes a topic that cannot exist: "a b" has the byte " ": use letters, digits, full stops, dashes and ` +
			`underscores`,
		`node "alone" is below no source, so that nothing comes to it: add it below a node that reads a topic`,
		`it reads its own output: topic many is both read and written, and each record would be processed again without ` +
			`end: write another topic`,
		`sources that need equal numbers of partitions: there is no source "z": name one that there is`,
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("errors:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestATopologyWithoutASourceIsRefused(t *testing.T) {
	var g topology.Graph
	g.AddProcessor(topology.Processor{Name: "p"})
	want := "build topology: no source: a topology reads at least one topic"
	if _, err := g.Build(); err == nil || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
}

// The topics that a sink chooses for each record are not known: a pattern that matches all
// of them is no circle.
func TestAChosenTopicIsNoCircle(t *testing.T) {
	var g topology.Graph
	g.AddSource(topology.Source{Name: "s", Pattern: regexp.MustCompile(".*")})
	g.AddSink(topology.Sink{Name: "k"}, "s")
	if _, err := g.Build(); err != nil {
		t.Errorf("Build = %v, want nil", err)
	}
}

// Parts are numbered by their first node, whatever connects them later.
func TestSubtopologiesAreNumberedByTheirFirstNode(t *testing.T) {
	var g topology.Graph
	g.AddSource(topology.Source{Name: "s0", Topic: "t0"})
	g.AddSource(topology.Source{Name: "s1", Topic: "t1"})
	g.AddProcessor(topology.Processor{Name: "p1", Stores: []topology.Store{{Spec: kinds.Spec{Name: "z"}}, {Spec: kinds.Spec{Name: "a"}}}}, "s1")
	g.AddSource(topology.Source{Name: "s2", Topic: "t2"})
	g.AddSink(topology.Sink{Name: "k0", Topic: "out"}, "s0")
	g.AddProcessor(topology.Processor{Name: "p2", Stores: []topology.Store{{Spec: kinds.Spec{Name: "a"}}}}, "s2") // shares a store with p1
	topo, err := g.Build()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range topo.Subtopologies() {
		var names []string
		for _, store := range s.Stores {
			names = append(names, store.Name)
		}
		line := fmt.Sprintf("%d%v", s.ID, names)
		for _, source := range s.Sources {
			line += " " + source.Name
		}
		got = append(got, line)
	}
	if got, want := strings.Join(got, "; "), "0[] s0; 1[a z] s1 s2"; got != want {
		t.Errorf("subtopologies %s, want %s", got, want)
	}
}

// A node is shown by how many are below it, but its place was found when there were fewer.
// The line is from Kafka Streams.
func TestNeighboursAreShownWhereTheyWerePut(t *testing.T) {
	const source, mapped, filter, peek = "KSTREAM-SOURCE-0000000000", "KSTREAM-MAP-0000000002",
		"KSTREAM-FILTER-0000000003", "KSTREAM-PEEK-0000000005"
	var g topology.Graph
	g.AddSource(topology.Source{Name: source, Topic: "in0"})
	g.AddProcessor(topology.Processor{Name: mapped}, source)
	g.AddProcessor(topology.Processor{Name: filter}, mapped)
	g.AddSink(topology.Sink{Name: "KSTREAM-SINK-0000000004", Topic: "out1"}, filter)
	g.AddProcessor(topology.Processor{Name: peek}, source)
	g.AddSink(topology.Sink{Name: "KSTREAM-SINK-0000000006", Topic: "out2"}, peek)
	g.AddProcessor(topology.Processor{Name: "KSTREAM-MAPVALUES-0000000007"}, source)
	g.AddProcessor(topology.Processor{Name: "KSTREAM-MERGE-0000000008"}, "KSTREAM-MAPVALUES-0000000007", source)
	g.AddSink(topology.Sink{Name: "KSTREAM-SINK-0000000009", Topic: "out3"}, "KSTREAM-MERGE-0000000008")
	topo, err := g.Build()
	if err != nil {
		t.Fatal(err)
	}
	want := "--> KSTREAM-MAP-0000000002, KSTREAM-MERGE-0000000008, KSTREAM-PEEK-0000000005, KSTREAM-MAPVALUES-0000000007\n"
	if !strings.Contains(topo.String(), want) {
		t.Errorf("description\n%s\nwant one with %s", topo, want)
	}
}

func TestTopologyCannotBeChangedFromOutside(t *testing.T) {
	var g topology.Graph
	g.AddSource(topology.Source{Name: "s", Topic: "t"})
	topo, err := g.Build()
	if err != nil {
		t.Fatal(err)
	}
	topo.Subtopologies()[0] = topology.Subtopology{ID: 7}
	if got := topo.Subtopologies()[0].ID; got != 0 {
		t.Errorf("id %d, want 0", got)
	}
}

func TestTaskIDIsWrittenAsKafkaStreamsDoes(t *testing.T) {
	if got := (topology.TaskID{Subtopology: 1, Partition: 3}).String(); got != "1_3" {
		t.Errorf("String() = %s, want 1_3", got)
	}
}

func TestRejectionWrapsItsReason(t *testing.T) {
	reason := errors.New("too long")
	err := fmt.Errorf("record: %w", &topology.Rejection{Stage: topology.Production, Err: reason})
	if !errors.Is(err, reason) {
		t.Error("the reason is not in the chain")
	}
	if got, want := err.Error(), "record: production: too long"; got != want {
		t.Errorf("error %q, want %q", got, want)
	}
}
