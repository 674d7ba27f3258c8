package pipeline_test

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker/internal/counts"
	"github.com/suiro/suiro/connect/worker/internal/pipeline"
	"github.com/suiro/suiro/connect/worker/internal/tap"
)

// commas splits a text at its commas; nothing comes of an empty one.
type commas struct{}

func (commas) Apply(r *connect.Record) (*connect.Record, error) {
	return nil, errors.New("Apply of a Splitter is called")
}

func (commas) Split(r *connect.Record) (out []*connect.Record, err error) {
	_, v, err := r.Value.Decode()
	if err != nil || v == "" {
		return nil, err
	}
	for _, word := range strings.Split(v.(string), ",") {
		part := *r
		part.Value = connect.Decoded(nil, word)
		out = append(out, &part)
	}
	return out, nil
}

// picky drops what is "drop" and refuses what is "bad".
var picky = transform(func(r *connect.Record) (*connect.Record, error) {
	switch _, v, _ := r.Value.Decode(); v {
	case "drop":
		return nil, nil
	case "bad":
		return nil, errors.New("bad it is")
	}
	return r, nil
})

func splitting() *plan.Connector {
	p := fine()
	p.Chain = []plan.Step{{Alias: "split", Class: "Commas", Transform: commas{}}, {Alias: "pick", Class: "Picky", Transform: picky}}
	return p
}

func text(s string) *connect.SourceRecord {
	return &connect.SourceRecord{Record: connect.Record{Topic: "t", Value: connect.Decoded(nil, s)}}
}

func TestARecordBecomesSeveral(t *testing.T) {
	line, _ := newPipeline(splitting())
	for in, want := range map[string][]string{
		"a": {`"a"`}, "a,b,c": {`"a"`, `"b"`, `"c"`}, "": nil, "drop": nil, "a,drop,c": {`"a"`, `"c"`},
	} {
		out, err := line.ToKafka(t.Context(), text(in))
		var got []string
		for _, r := range out {
			got = append(got, string(r.Value))
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q becomes %q, %v, want %q", in, got, err, want)
		}
	}
}

func TestARecordIsBadWithAnyOfWhatItBecomes(t *testing.T) {
	line, _ := newPipeline(splitting())
	out, err := line.ToKafka(t.Context(), text("a,bad,c"))
	stage, class := pipeline.StageOf(err, pipeline.TaskPoll, "none")
	if len(out) > 0 || stage != pipeline.Transformation || class != "Picky" {
		t.Errorf("it becomes %v, %v in stage %v of %s, want an error of Picky", out, err, stage, class)
	}
	if out, err := line.ToKafka(t.Context(), text("a,b")); err != nil || len(out) != 2 {
		t.Errorf("the next one becomes %v, %v, want two records", out, err)
	}
}

func TestWhatARecordBecomesIsBounded(t *testing.T) {
	line, _ := newPipeline(splitting())
	long := strings.Repeat("x", 1<<20)
	out, err := line.ToKafka(t.Context(), text(strings.Repeat(long+",", 70)+"a"))
	stage, class := pipeline.StageOf(err, pipeline.TaskPoll, "none")
	if len(out) > 0 || stage != pipeline.Transformation || class != "Commas" || !strings.Contains(err.Error(), "64 MiB") {
		t.Errorf("70 MiB become %d records, %v, in stage %v of %s; want an error of Commas", len(out), err, stage, class)
	}
	if out, err := line.ToKafka(t.Context(), text(strings.Repeat("x", 70<<20))); err != nil || len(out) != 1 {
		t.Errorf("one large record becomes %d, %v; want itself", len(out), err)
	}
}

// fickle is a predicate that holds for texts with a comma.
type fickle struct{}

func (fickle) Test(r *connect.Record) (bool, error) {
	_, v, _ := r.Value.Decode()
	if v == "bad" {
		return false, errors.New("cannot tell")
	}
	return strings.Contains(v.(string), "b"), nil
}

func TestASplitterHasItsPredicate(t *testing.T) {
	p := splitting()
	p.Chain[0].Predicate, p.Chain[0].PredicateAlias = fickle{}, "b"
	line, _ := newPipeline(p)
	for in, want := range map[string]int{"a,b": 2, "a,c": 1} {
		if out, err := line.ToKafka(t.Context(), text(in)); err != nil || len(out) != want {
			t.Errorf("%q becomes %d records, %v, want %d", in, len(out), err, want)
		}
	}
	_, err := line.ToKafka(t.Context(), text("bad"))
	if _, class := pipeline.StageOf(err, pipeline.TaskPoll, "none"); class != "Commas" || !strings.Contains(err.Error(), "predicate b") {
		t.Errorf("the error is %v of %s, want one of Commas that names the predicate", err, class)
	}
}

// A tap sees each of the records, and what becomes of it, one after the other.
func TestATapSeesAllThatARecordBecomes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, point := tap.NewHub(), tap.NewPoint(0, tap.NewMask(nil, func(s string) string { return s }))
		hub.Add("c", point)
		line := pipeline.New(splitting(), &counts.Counters{}, point, slog.New(slog.DiscardHandler))
		for in, want := range map[string]string{
			"a,drop,c": `polled "a,drop,c", split "a", pick "a", converted "a", split "drop", pick null, ` +
				`split "c", pick "c", converted "c", `,
			"": `polled "", split null, `,
		} {
			answers := make(chan api.Tapped)
			go func() {
				answers <- hub.Tap(t.Context(), "c", api.TapRequest{Task: -1, Records: 1, Wait: time.Minute})
			}()
			synctest.Wait()
			if _, err := line.ToKafka(t.Context(), text(in)); err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, s := range (<-answers).Stages {
				name := s.Stage
				if s.Transform != "" {
					name = s.Transform
				}
				got += name + " " + string(s.Value) + ", "
			}
			if got != want {
				t.Errorf("stages = %s\nwant     %s", got, want)
			}
		}
	})
}
