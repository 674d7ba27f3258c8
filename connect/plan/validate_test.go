package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan"
)

// answers are what Validate says, by key.
func answers(t *testing.T, w *plan.Worker, p connect.Plugins, props map[string]string) map[string]config.Result {
	t.Helper()
	results, err := plan.Validate(w, p, props)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]config.Result{}
	for _, r := range results {
		if _, twice := out[r.Key.Name]; twice {
			t.Errorf("key %s is answered twice", r.Key.Name)
		}
		out[r.Key.Name] = r
	}
	return out
}

func TestValidateAnswersForEveryKeyOfEveryPart(t *testing.T) {
	w := parseWorker(t, map[string]string{"value.converter.schemas.enable": "false"})
	p := plugins(new([]*thing))
	p.Predicates = []connect.PredicatePlugin{{Info: connect.Info{Class: "HasKey",
		Def: config.New(config.Key{Name: "secret", Type: config.Password})},
		New: func(config.Values) (connect.Predicate, error) { return nil, nil }}}
	got := answers(t, w, p, sinkProps("transforms", "d", "transforms.d.type", "DropOdd", "predicates", "h",
		"predicates.h.type", "HasKey", "predicates.h.secret", "pssst", "consumer.override.max.poll.records", "0", "onw", "1"))
	for key, want := range map[string]string{
		"name": "x", "own": "1", "topics": "in", "transforms.d.type": "DropOdd", "transforms.d.negate": "false",
		"predicates.h.secret": "[hidden]", "consumer.override.max.poll.records": "0",
		"value.converter": "JSON", "value.converter.schemas.enable": "false",
	} {
		if r, ok := got[key]; !ok || r.Value == nil || *r.Value != want {
			t.Errorf("answer for %s = %+v, want the value %s", key, r, want)
		}
	}
	for key, want := range map[string]string{
		"consumer.override.max.poll.records": "for configuration consumer.override.max.poll.records: Value must be at least 1",
		"onw":                                `did you mean "own"?`,
	} {
		if errs := got[key].Errors; len(errs) != 1 || !strings.Contains(errs[0].Error(), want) {
			t.Errorf("errors of %s = %v, want one with %q", key, errs, want)
		}
	}
	if _, ok := got["topic.creation.groups"]; ok {
		t.Error("a sink is asked for a source's key")
	}
}

// What Validate finds is what keeps a connector from being started.
func TestValidateFindsWhatCompileFinds(t *testing.T) {
	w := parseWorker(t, nil)
	for _, props := range []map[string]string{
		sinkProps(), sinkProps("topics", ""), sourceProps("tasks.max", "many", "own", "x", "unknown", "1"),
		sourceProps("transforms", "a,b", "transforms.a.type", "DropOdd", "transforms.a.own", "1", "transforms.c.type", "x"),
		sinkProps("value.converter", "JSON", "value.converter.schemas.enable", "maybe", "key.converter", "Jason"),
	} {
		_, errs, _ := plan.Compile(w, plugins(new([]*thing)), props)
		var want, got []string
		for _, e := range errs {
			want = append(want, e.Error())
		}
		for _, r := range answers(t, w, plugins(new([]*thing)), props) {
			for _, e := range r.Errors {
				got = append(got, e.Error())
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("Validate(%v) finds\n%q\nwant what Compile finds\n%q", props, got, want)
		}
	}
}

func TestAClassThatNobodyHasNamesTheNearest(t *testing.T) {
	w := parseWorker(t, nil)
	p := plugins(new([]*thing))
	p.Predicates = []connect.PredicatePlugin{{Info: connect.Info{Class: "org.example.predicates.HasKey"}}}
	for key, c := range map[string]struct {
		props map[string]string
		want  string
	}{
		"value.converter":   {sinkProps("value.converter", "Jsno"), `did you mean "JSON"?`},
		"transforms.a.type": {sinkProps("transforms", "a", "transforms.a.type", "org.other.DropOd"), `did you mean "DropOdd"?`},
		"predicates.a.type": {sinkProps("predicates", "a", "predicates.a.type", "HasKye"), `did you mean "org.example.predicates.HasKey"?`},
	} {
		_, errs, _ := plan.Compile(w, p, c.props)
		if len(errs) != 1 || errs[0].Key != key || !strings.Contains(errs[0].Error(), c.want) {
			t.Errorf("errors = %v, want one of %s with %s", errs, key, c.want)
		}
	}
	_, _, err := plan.Compile(w, p, props("TestSrouce"))
	if err == nil || !strings.Contains(err.Error(), `did you mean "TestSource"? Available connectors are: TestSink, TestSource`) {
		t.Errorf("Compile = %v, want the nearest class", err)
	}
}

func TestATransformWithoutATypeIsNamed(t *testing.T) {
	_, errs, _ := plan.Compile(parseWorker(t, nil), plugins(new([]*thing)), sinkProps("transforms", "a"))
	if want := `Missing required configuration "transforms.a.type" which has no default value.`; errs.Error() != want {
		t.Errorf("errors = %v, want %s", errs, want)
	}
}

func TestADeadLetterTopicWithoutToleranceIsAWarning(t *testing.T) {
	w := parseWorker(t, nil)
	c, _ := compile(t, w, sinkProps("errors.deadletterqueue.topic.name", "bad"))
	if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "has no effect") {
		t.Errorf("warnings = %q, want that the topic has no effect", c.Warnings)
	}
	c, _ = compile(t, w, sinkProps("errors.deadletterqueue.topic.name", "bad", "errors.tolerance", "all"))
	if len(c.Warnings) != 0 {
		t.Errorf("warnings = %q, want none", c.Warnings)
	}
}

func TestKeysComeInKafkaConnectsOrder(t *testing.T) {
	want := []string{"name", "connector.class", "tasks.max", "tasks.max.enforce", "key.converter", "value.converter",
		"header.converter", "transforms", "predicates", "errors.retry.timeout", "errors.retry.delay.max.ms",
		"errors.tolerance", "errors.log.enable", "errors.log.include.messages", "topic.creation.groups",
		"exactly.once.support", "transaction.boundary", "transaction.boundary.interval.ms"}
	got := slices.DeleteFunc(plan.ConnectorDef(plan.Source).Names(), func(name string) bool {
		return !slices.Contains(want, name) // a key of this worker alone
	})
	if !slices.Equal(got, want) {
		t.Errorf("keys = %q, want %q", got, want)
	}
}
