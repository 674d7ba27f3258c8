package plan_test

import (
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/plan"
)

// compileCase is a configuration and the errors it has, in part.
type compileCase struct {
	props map[string]string
	want  []string
}

func compileCases() map[string]compileCase {
	return map[string]compileCase{
		"good sink":   {sinkProps("own", "3", "value.converter.schemas.enable", "false", "consumer.override.max.poll.records", "7"), nil},
		"good source": {sourceProps("topic.creation.default.partitions", "1", "topic.creation.default.replication.factor", "1", "topic.creation.default.retention.ms", "5"), nil},
		"bad values": {map[string]string{"connector.class": "TestSink", "tasks.max": "0", "own": "x", "errors.tolerance": "some"}, []string{
			`Missing required configuration "name" which has no default value.`,
			"Invalid value 0 for configuration tasks.max: Value must be at least 1",
			"Invalid value some for configuration errors.tolerance: String must be one of: none, all",
			"Invalid value x for configuration own: Not a number of type INT"}},
		"unknown keys": {sinkProps("onw", "1", "value.converter.schemas.enabled", "true", "consumer.override.max.poll", "7", "transforms.a.type", "X"), []string{
			`Unknown configuration "value.converter.schemas.enabled", did you mean "value.converter.schemas.enable"?`,
			`Unknown configuration "transforms.a.type": "a" is not in transforms`,
			`Unknown configuration "consumer.override.max.poll"`,
			`Unknown configuration "onw", did you mean "own"?`}},
		"no topics":       {map[string]string{"connector.class": "TestSink", "name": "x"}, []string{"Must configure one of topics or topics.regex"}},
		"both topics":     {sinkProps("topics.regex", "a.*"), []string{"mutually exclusive"}},
		"bad pattern":     {map[string]string{"connector.class": "TestSink", "name": "x", "topics.regex": "("}, []string{`regular expression "("`}},
		"pattern of Java": {map[string]string{"connector.class": "TestSink", "name": "x", "topics.regex": "[a-z&&[^x]]+"}, []string{"intersections"}},
		"dead letters in topics": {sinkProps("errors.deadletterqueue.topic.name", "in"), []string{
			"Invalid value in for configuration errors.deadletterqueue.topic.name: is also one of topics, so that dead letters would come back"}},
		"dead letters under topics.regex": {sinkProps("topics", "", "topics.regex", "web.*", "errors.deadletterqueue.topic.name", "web.bad"), []string{
			"Invalid value web.bad for configuration errors.deadletterqueue.topic.name: matches topics.regex, so that dead letters would come back"}},
		"dead letters next to topics.regex": {sinkProps("topics", "", "topics.regex", "web", "errors.deadletterqueue.topic.name", "web.bad"), nil},
		"a rule of the client": {sinkProps("consumer.override.heartbeat.interval.ms", "45000"), []string{
			"Invalid value 45000 for configuration consumer.override.heartbeat.interval.ms: must be smaller than session.timeout.ms (45000)"}},
		"a value that Kafka accepts":       {sinkProps("consumer.override.metadata.max.age.ms", "2000"), nil},
		"another value that Kafka accepts": {sourceProps("producer.override.max.in.flight.requests.per.connection", "5"), nil},
		"parts": {sinkProps("value.converter", "Nope", "transforms", "a,b", "transforms.a.type", "DropOdd", "transforms.a.predicate", "p", "transforms.a.x", "1", "transforms.b.type", "Gone"), []string{
			"Invalid value Nope for configuration value.converter: Class Nope could not be found: there is no such converter, available are: JSON, String",
			"Invalid value p for configuration transforms.a.predicate: is not in predicates",
			`Unknown configuration "transforms.a.x"`,
			"Invalid value Gone for configuration transforms.b.type: Class Gone could not be found"}},
		"a condition as Java reads it": {sinkProps("transforms", "a", "transforms.a.type", " DropOdd ", "transforms.a.negate", "True",
			"transforms.a.predicate", "p", "predicates", "p", "predicates.p.type", "Any"), nil},
		"a condition that is not a boolean": {sinkProps("transforms", "a", "transforms.a.type", "DropOdd", "transforms.a.negate", "yes"), []string{
			"Invalid value yes for configuration transforms.a.negate: Expected value to be either true or false"}},
		"a predicate that cannot be made": {sinkProps("transforms", "a", "transforms.a.type", "DropOdd", "transforms.a.predicate", "p",
			"predicates", "p", "predicates.p.type", "Broken"), []string{"panic: index out of range"}},
		"several records of one in a sink": {sinkProps("transforms", "s", "transforms.s.type", "Split"), []string{
			"Invalid value Split for configuration transforms.s.type: it makes several records of one, and a sink takes no such " +
				"transform: Kafka counts what a sink has written by the offsets of the records that it read. Use the transform " +
				"in the source that writes the topic"}},
		"several records of one in a source": {sourceProps("transforms", "s", "transforms.s.type", "Split"), nil},
		"half of topic creation": {sourceProps("topic.creation.default.partitions", "1"), []string{
			"topic.creation.default.replication.factor: must be set together with topic.creation.default.partitions"}},
		"exactly once required": {sourceProps("exactly.once.support", "required"), []string{"exactly.once.source.support=enabled"}},
	}
}

func TestCompileReportsEverything(t *testing.T) {
	w := parseWorker(t, nil)
	var made []*thing
	for name, c := range compileCases() {
		t.Run(name, func(t *testing.T) {
			_, errs, err := plan.Compile(w, plugins(&made), c.props)
			if err != nil {
				t.Fatal(err)
			}
			text := errs.Error()
			for _, want := range c.want {
				if !strings.Contains(text, want) {
					t.Errorf("errors =\n%s\nwant them to hold\n%s", text, want)
				}
			}
			if len(errs) != len(c.want) {
				t.Errorf("%d errors, want %d:\n%s", len(errs), len(c.want), text)
			}
		})
	}
}

func TestCompileSaysThatThereIsNoSuchClass(t *testing.T) {
	w := parseWorker(t, nil)
	for _, c := range []struct {
		props map[string]string
		want  string
	}{
		{map[string]string{"name": "a"}, "Connector config {name} contains no connector type: set connector.class"},
		{map[string]string{"connector.class": "NoSuch", "name": "a"}, "Failed to find any class that implements Connector and which name " +
			"matches NoSuch, available connectors are: TestSink, TestSource"},
	} {
		if _, _, err := plan.Compile(w, plugins(new([]*thing)), c.props); err == nil || err.Error() != c.want {
			t.Errorf("Compile(%v) = %v, want %s", c.props, err, c.want)
		}
	}
}

// Dead letters among source offsets would be read as such, or hide them.
func TestDeadLettersDoNotGoToTheOffsetTopic(t *testing.T) {
	w := parseWorker(t, map[string]string{"offset.storage.file.filename": "", "offset.storage.topic": "offsets"})
	for _, p := range []map[string]string{sinkProps(), sourceProps()} {
		p["errors.deadletterqueue.topic.name"] = "offsets"
		_, errs, _ := plan.Compile(w, plugins(new([]*thing)), p)
		if len(errs) != 1 || !strings.Contains(errs.Error(), "is the worker's offset.storage.topic") {
			t.Errorf("errors of %v = %v, want the topic refused", p, errs)
		}
	}
}

func TestPlanClosesItsPartsOnce(t *testing.T) {
	c, made := compile(t, parseWorker(t, nil), sinkProps("transforms", "a", "transforms.a.type", "DropOdd"))
	if len(made) != 3 {
		t.Fatalf("made %d parts, want two converters and a transform, once each", len(made))
	}
	for range 2 {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for i, m := range made {
		if m.closed != 1 {
			t.Errorf("part %d was closed %d times, want once", i, m.closed)
		}
	}
}

func TestRefusedPlanClosesItsParts(t *testing.T) {
	var made []*thing
	_, errs, _ := plan.Compile(parseWorker(t, nil), plugins(&made), sinkProps("tasks.max", "0"))
	if len(errs) != 1 || len(made) != 2 || made[0].closed != 1 || made[1].closed != 1 {
		t.Errorf("errors %v, parts %v, want one error and two closed parts", errs, made)
	}
}

// A panic of a plugin is an error of the configuration that it was given.
func TestRuleOfAPluginThatPanicsIsAnError(t *testing.T) {
	var made []*thing
	p := plugins(&made)
	p.Sinks[0].Validate = func(config.Values) config.Errors { panic("index out of range") }
	_, errs, err := plan.Compile(parseWorker(t, nil), p, sinkProps())
	if err != nil || len(errs) != 1 || !strings.Contains(errs.Error(), "panic: index out of range") {
		t.Errorf("Compile = %v, %v, want the panic as an error", errs, err)
	}
}

// In Kafka Connect the keys below a converter belong to who names its class.
func TestConnectorThatNamesAConverterHasOnlyItsOwnKeys(t *testing.T) {
	w := parseWorker(t, map[string]string{"value.converter.schemas.enable": "false"})
	for name, c := range map[string]struct {
		props map[string]string
		want  bool
	}{
		"names the worker's class":          {sinkProps("value.converter", "JSON"), true},
		"names it, with a key":              {sinkProps("value.converter", "JSON", "value.converter.schemas.enable", "false"), false},
		"has the worker's":                  {sinkProps(), false},
		"changes a key of the worker's one": {sinkProps("value.converter.schemas.enable", "true"), true},
	} {
		_, made := compile(t, w, c.props)
		if got := made[1].values.Bool("schemas.enable"); got != c.want {
			t.Errorf("%s: schemas.enable = %v, want %v", name, got, c.want)
		}
	}
}

// Those who read such keys are elsewhere, so their files work here.
func TestKeysOfOtherPartsAreWarnings(t *testing.T) {
	w := parseWorker(t, map[string]string{"rest.port": "8083", "plugin.discovery": "only_scan",
		"internal.key.converter": "J", "internal.key.converter.schemas.enable": "false", "confluent.license": "x",
		"producer.interceptor.classes": "c"})
	if len(w.Warnings) != 6 {
		t.Errorf("warnings = %q, want one a key", w.Warnings)
	}
	c, _ := compile(t, w, sinkProps("confluent.topic.bootstrap.servers", "k:1", "connector.plugin.version", "1"))
	if len(c.Warnings) != 2 || !strings.HasPrefix(strings.Join(c.Warnings, " "), "confluent.topic.bootstrap.servers has no effect: ") {
		t.Errorf("warnings = %q, want one a key", c.Warnings)
	}
	c, _ = compile(t, w, sinkProps("errors.deadletterqueue.topic.name", "bad"))
	if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "errors.tolerance=none") {
		t.Errorf("warnings = %q, want one about dead letters that nobody writes", c.Warnings)
	}
	_, errs, _ := plan.Compile(w, plugins(new([]*thing)), sinkProps("config.action.relod", "restart"))
	if len(errs) != 1 {
		t.Errorf("errors = %v, want the misspelt key refused", errs)
	}
}

func TestTopicsAreCreatedAsTheirGroupSays(t *testing.T) {
	keys := []string{"topic.creation.default.replication.factor", "3", "topic.creation.default.partitions", "4",
		"topic.creation.default.retention.ms", "5", "topic.creation.groups", "compacted, wide",
		"topic.creation.compacted.include", "state\\..*", "topic.creation.compacted.exclude", ".*\\.tmp",
		"topic.creation.compacted.cleanup.policy", "compact",
		"topic.creation.wide.include", "state.*,web", "topic.creation.wide.partitions", "64", "topic.creation.wide.replication.factor", "-1"}
	c, _ := compile(t, parseWorker(t, nil), sourceProps(keys...))
	for topic, want := range map[string]plan.TopicGroup{
		"state.a":     {Name: "compacted", Partitions: 4, Replication: 3},
		"state.a.tmp": {Name: "wide", Partitions: 64, Replication: -1},
		"web":         {Name: "wide", Partitions: 64, Replication: -1},
		"webs":        {Name: "default", Partitions: 4, Replication: 3},
	} {
		got, ok := c.Records.Creation.Group(topic)
		if !ok || got.Name != want.Name || got.Partitions != want.Partitions || got.Replication != want.Replication {
			t.Errorf("%s belongs to %+v, %v, want %+v", topic, got, ok, want)
		}
	}
	if g, _ := c.Records.Creation.Group("state.a"); len(g.Configs) != 1 || g.Configs["cleanup.policy"] != "compact" {
		t.Errorf("settings = %v, want those of the group alone", g.Configs)
	}
	for _, more := range []map[string]string{{"topic.creation.enable": "false"}, nil} {
		own := keys
		if more == nil {
			own = nil
		}
		c, _ := compile(t, parseWorker(t, more), sourceProps(own...))
		if g, ok := c.Records.Creation.Group("web"); ok {
			t.Errorf("worker with %v, connector with %d keys: topic is created as %+v, want not at all", more, len(own), g)
		}
	}
}

func TestUnknownGroupsOfTopicsAreRefused(t *testing.T) {
	for want, p := range map[string]map[string]string{
		`"wide" is not in topic.creation.groups`: sourceProps("topic.creation.wide.include", "a",
			"topic.creation.default.partitions", "1", "topic.creation.default.replication.factor", "1"),
		"Missing required configuration": sourceProps("topic.creation.groups", "wide",
			"topic.creation.default.partitions", "1", "topic.creation.default.replication.factor", "1"),
		"must be set together with topic.creation.groups": sourceProps("topic.creation.groups", "wide", "topic.creation.wide.include", "a"),
	} {
		_, errs, _ := plan.Compile(parseWorker(t, nil), plugins(new([]*thing)), p)
		if len(errs) != 1 || !strings.Contains(errs.Error(), want) {
			t.Errorf("errors = %v, want %s", errs, want)
		}
	}
}

// A binary that lists no header converters passes headers on as bytes, unless
// somebody asks for a class.
func TestHeadersWithoutAConverterKeepTheContract(t *testing.T) {
	connecttest.RunHeaderConverter(t, func(t *testing.T) connect.HeaderConverter {
		c, _ := compile(t, parseWorker(t, nil), sinkProps())
		return c.Header
	}, connecttest.Value{Data: []byte{0, 255}})
}

func TestHeaderConvertersComeFromTheList(t *testing.T) {
	c, _ := compile(t, parseWorker(t, nil), sinkProps())
	if _, v, err := c.Header.ToConnectHeader("t", "k", []byte("12")); err != nil || string(v.([]byte)) != "12" {
		t.Errorf("header without a list = %v, %v, want the bytes", v, err)
	}
	own := plugins(new([]*thing))
	for _, p := range []map[string]string{sinkProps("header.converter", "Nope"), sinkProps()} {
		_, errs, _ := plan.Compile(parseWorker(t, nil), own, p)
		if p["header.converter"] == "" {
			own.HeaderConverters = []connect.HeaderConverterPlugin{{Info: connect.Info{Class: "Mine"}}}
			_, errs, _ = plan.Compile(parseWorker(t, nil), own, p)
		}
		if len(errs) != 1 || !strings.Contains(errs.Error(), "there is no such header converter, available are: ") {
			t.Errorf("errors of %v = %v, want the class missed", p, errs)
		}
	}
}
