package topology_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/topology"
)

func TestBuildTellsEverythingThatIsWrong(t *testing.T) {
	var g topology.Graph
	g.AddSource(topology.Source{Name: "a", Topic: "in"})
	g.AddSource(topology.Source{Name: "b", Topic: "in"})
	g.AddProcessor(topology.Processor{Name: "a"}, "nobody")
	g.AddSink(topology.Sink{Name: "", Topic: "out"}, "b")
	_, err := g.Build()
	for _, want := range []string{
		`node name "a" is used twice or empty`,
		`node name "" is used twice or empty`,
		`node "a" has an unknown parent "nobody"`,
		`sources "a" and "b" both read topic "in"`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error has no %q:\n%v", want, err)
		}
	}
}

func TestBuildRefusesParts(t *testing.T) {
	var empty, orphan topology.Graph
	orphan.AddSource(topology.Source{Name: "s", Topic: "in"})
	orphan.AddProcessor(topology.Processor{Name: "p"})
	for want, g := range map[string]*topology.Graph{
		"no source":                    &empty,
		"subtopology 1 reads no topic": &orphan,
	} {
		if _, err := g.Build(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
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
