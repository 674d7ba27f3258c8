package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan"
)

func TestKeysInTheWrongPlaceAreSentWhereTheyBelong(t *testing.T) {
	w := parseWorker(t, nil)
	for _, c := range []struct {
		props     map[string]string
		key, want string
	}{
		{sinkProps("consumer.max.poll.records", "1"), "consumer.max.poll.records", `write "consumer.override.max.poll.records"`},
		{sinkProps("consumer.max.pol.records", "1"), "consumer.max.pol.records", `did you mean "consumer.override.max.poll.records"?`},
		{sinkProps("max.poll.records", "1"), "max.poll.records", `write "consumer.override.max.poll.records"`},
		{sinkProps("group.id", "g"), "group.id", `write "consumer.override.group.id"`},
		{sourceProps("compression.type", "gzip"), "compression.type", `write "producer.override.compression.type"`},
		{sourceProps("producer.linger.ms", "1"), "producer.linger.ms", `write "producer.override.linger.ms"`},
		{sinkProps("offset.flush.interval.ms", "1"), "offset.flush.interval.ms", "it belongs in the worker's file"},
		{sinkProps("rest.port", "8083"), "rest.port", "it belongs in the worker's file"},
		{sinkProps("schemas.enable", "false"), "schemas.enable", `write "value.converter.schemas.enable" or "key.converter.schemas.enable"`},
		{sinkProps("topic.creation.groups", "a"), "topic.creation.groups", "only a source has it, and this connector is a sink"},
		{sourceProps("topics", "a"), "topics", "only a sink has it, and this connector is a source"},
		{sinkProps("input.data.format", "JSON"), "input.data.format", "set value.converter to the class"},
		{sinkProps("no.such.thing", "1"), "no.such.thing", "correct its name or leave it out"},
		{sinkProps("transform.a.type", "1"), "transform.a.type", `did you mean "transforms.a.type"?`},
	} {
		_, errs, err := plan.Compile(w, plugins(new([]*thing)), c.props)
		if err != nil || len(errs) != 1 || errs[0].Key != c.key || !strings.Contains(errs.Error(), c.want) {
			t.Errorf("Compile with %s: %v, %v, want one error with %s", c.key, errs, err, c.want)
		}
	}
	for key, want := range map[string]string{
		"consumer.override.max.poll.records": `belongs in a connector's configuration; for all connectors write "consumer.max.poll.records"`,
		"max.poll.records":                   `write "consumer.max.poll.records"`,
		"compression.type":                   `write "producer.compression.type"`,
		"tasks.max":                          "it belongs in a connector's configuration",
		"transforms.a.type":                  "it belongs in a connector's configuration",
		"schemas.enable":                     `write "value.converter.schemas.enable"`,
	} {
		_, err := plan.ParseConfig(map[string]string{"key.converter": "String", "value.converter": "JSON",
			"offset.storage.file.filename": "f", key: "1"})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("ParseConfig with %s = %v, want one error with %s", key, err, want)
		}
	}
}

func TestSlipsInAliasesAreNamed(t *testing.T) {
	w := parseWorker(t, nil)
	chain := []string{"transforms", "drop", "transforms.drop.type", "DropOdd"}
	with := func(more ...string) map[string]string { return sinkProps(slices.Concat(chain, more)...) }
	for name, c := range map[string]struct {
		props map[string]string
		want  []string
	}{
		"alias with a slip": {with("transforms.dorp.negate", "true"), []string{`"dorp" is not in transforms, did you mean "drop"?`}},
		"alias not listed":  {with("transforms.x.type", "DropOdd"), []string{`"x" is not in transforms: add it there`}},
		"alias twice":       {with("transforms", "drop,drop"), []string{"Duplicate alias provided: drop"}},
		"no type":           {sinkProps("transforms", "a"), []string{`Missing required configuration "transforms.a.type"`}},
		"class without the ending type": {sinkProps("transforms", "a", "transforms.a", "DropOdd"), []string{
			`Unknown configuration "transforms.a", did you mean "transforms.a.type"?`, `"transforms.a.type" which has no default`}},
		"predicate with a slip": {with("transforms.drop.predicate", "isodd", "predicates", "isOdd", "predicates.isOdd.type", "Any"), []string{
			`Invalid value isodd for configuration transforms.drop.predicate: is not in predicates, did you mean "isOdd"?`}},
	} {
		_, errs, err := plan.Compile(w, plugins(new([]*thing)), c.props)
		if err != nil || len(errs) != len(c.want) {
			t.Errorf("%s: errors = %v, %v, want %d", name, errs, err, len(c.want))
		}
		for _, want := range c.want {
			if !strings.Contains(errs.Error(), want) {
				t.Errorf("%s: errors = %v, want one with %s", name, errs, want)
			}
		}
	}
}

func TestAPredicateThatNoTransformNamesIsAWarning(t *testing.T) {
	w := parseWorker(t, nil)
	props := sinkProps("predicates", "p", "predicates.p.type", "Any", "transforms", "a", "transforms.a.type", "DropOdd")
	c, _ := compile(t, w, props)
	if want := []string{"predicates.p has no effect: no transform names it in its key predicate"}; !slices.Equal(c.Warnings, want) {
		t.Errorf("warnings = %q, want %q", c.Warnings, want)
	}
	props["transforms.a.predicate"] = "p"
	if c, _ = compile(t, w, props); len(c.Warnings) != 0 {
		t.Errorf("warnings = %q, want none", c.Warnings)
	}
}

// What is wrong with the rest is found in the same round.
func TestAnUnknownClassDoesNotHideOtherErrors(t *testing.T) {
	w := parseWorker(t, nil)
	props := props("NoSuch", "topics", "a", "tasks.max", "0", "key.converter", "Nope", "transforms", "a",
		"transforms.a.type", "Gone", "consumer.override.max.poll", "1")
	_, errs, err := plan.Compile(w, plugins(new([]*thing)), props)
	if err == nil || errs != nil {
		t.Fatalf("Compile = %v, %v, want an error of the class", errs, err)
	}
	for _, want := range []string{"which name matches NoSuch", "tasks.max: Value must be at least 1",
		"Class Nope could not be found", "Class Gone could not be found", `"consumer.override.max.poll"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %s in it", err, want)
		}
	}
}

func TestKeysWithoutEffectAreWarnings(t *testing.T) {
	p := plugins(new([]*thing))
	p.Sinks[0].Def = config.New(config.Key{Name: "type.name", Type: config.String, NoEffect: "types are gone", Doc: "Types."})
	p.Transforms[0].Def = config.New(config.Key{Name: "old", Type: config.String, NoEffect: "it is always new", Doc: "Old."})
	c, errs, err := plan.Compile(parseWorker(t, nil), p, sinkProps("type.name", "_doc", "tasks.max.enforce", "true",
		"transforms", "a", "transforms.a.type", "DropOdd", "transforms.a.old", "x"))
	if err != nil || len(errs) > 0 {
		t.Fatal(errs, err)
	}
	want := []string{"tasks.max.enforce has no effect: a connector never gets more tasks than tasks.max",
		"type.name has no effect: types are gone", "transforms.a.old has no effect: it is always new"}
	if !slices.Equal(c.Warnings, want) {
		t.Errorf("warnings = %q, want %q", c.Warnings, want)
	}
}

// A worker's converter is checked with every connector, and warned about by the
// worker alone.
func TestForeignKeysOfTheWorkersConverterAreNotTheConnectors(t *testing.T) {
	w := parseWorker(t, map[string]string{"key.converter.schemas.enable": "false"})
	c, _ := compile(t, w, sinkProps("header.converter", ""))
	if len(c.Warnings) != 0 {
		t.Errorf("warnings of the connector = %q, want none", c.Warnings)
	}
	warnings, errs := plan.CheckConverters(w, plugins(new([]*thing)))
	if len(errs) > 0 || !slices.Equal(warnings, []string{"key.converter.schemas.enable has no effect: only JsonConverter reads it"}) {
		t.Errorf("CheckConverters = %q, %v, want one warning", warnings, errs)
	}
	w = parseWorker(t, map[string]string{"key.converter": "Strng", "value.converter.schemas.enabel": "true"})
	_, errs = plan.CheckConverters(w, plugins(new([]*thing)))
	if len(errs) != 2 || errs[0].Key != "key.converter" || errs[1].Key != "value.converter.schemas.enabel" {
		t.Errorf("errors = %v, want those of both converters", errs)
	}
	if _, errs = plan.CheckConverters(w, connect.Plugins{}); len(errs) != 2 {
		t.Errorf("errors without plugins = %v, want one for keys and one for values", errs)
	}
}
