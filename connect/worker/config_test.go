package worker_test

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/worker"
)

func TestParseConfigReportsEverything(t *testing.T) {
	_, err := worker.ParseConfig(map[string]string{"bootstrap.server": "x:1", "offset.flush.interval.ms": "0",
		"producer.linger": "5", "value.converter": "JSON"})
	want := strings.Join([]string{
		`Missing required configuration "key.converter" which has no default value.`,
		`Invalid value 0 for configuration offset.flush.interval.ms: Value must be at least 1`,
		`Unknown configuration "bootstrap.server", did you mean "bootstrap.servers"?`,
		`Unknown configuration "producer.linger", did you mean "producer.linger.ms"?`,
	}, "\n")
	if err == nil || err.Error() != want {
		t.Errorf("ParseConfig =\n%v\nwant\n%s", err, want)
	}
}

func TestParseConfigRules(t *testing.T) {
	base := map[string]string{"key.converter": "JSON", "value.converter": "JSON"}
	for name, c := range map[string]struct {
		more map[string]string
		want string
	}{
		"no place for offsets": {nil, "offset.storage.file.filename: set it, or offset.storage.topic"},
		"two places": {map[string]string{"offset.storage.file.filename": "f", "offset.storage.topic": "t"},
			"cannot be set together with offset.storage.topic"},
		"exactly once in a file": {map[string]string{"offset.storage.file.filename": "f", "group.id": "g",
			"exactly.once.source.support": "enabled"}, "set offset.storage.topic instead"},
		"exactly once without a group": {map[string]string{"offset.storage.topic": "t",
			"exactly.once.source.support": "enabled"}, "group.id: needed by exactly.once.source.support=enabled"},
		"security": {map[string]string{"offset.storage.topic": "t", "security.protocol": "SASL_SSL"},
			"sasl.mechanism: needed by security.protocol SASL_SSL"},
	} {
		t.Run(name, func(t *testing.T) {
			props := maps.Clone(base)
			maps.Copy(props, c.more)
			_, err := worker.ParseConfig(props)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("ParseConfig = %v, want it to hold %q", err, c.want)
			}
			if got := strings.Count(err.Error(), c.want); got != 1 {
				t.Errorf("the error comes %d times, want once: %v", got, err)
			}
		})
	}
}

func TestValidateReportsEverything(t *testing.T) {
	cfg, err := worker.ParseConfig(map[string]string{"key.converter": "String", "value.converter": "JSON",
		"offset.storage.file.filename": "f"})
	if err != nil {
		t.Fatal(err)
	}
	plugins := (&sink{}).plugin()
	plugins.Sources = (&source{}).plugin().Sources
	plugins.Converters, plugins.Transforms = testConverters, testTransforms
	w := worker.New(cfg, plugins, nil)
	for name, c := range map[string]struct {
		props map[string]string
		want  []string
	}{
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
		"no topics":     {map[string]string{"connector.class": "TestSink", "name": "x"}, []string{"Must configure one of topics or topics.regex"}},
		"both topics":   {sinkProps("topics.regex", "a.*"), []string{"mutually exclusive"}},
		"bad pattern":   {map[string]string{"connector.class": "TestSink", "name": "x", "topics.regex": "("}, []string{"is no regular expression"}},
		"a dead circle": {sinkProps("errors.deadletterqueue.topic.name", "in"), []string{"dead letters would come back"}},
		"parts": {sinkProps("value.converter", "Nope", "transforms", "a,b", "transforms.a.type", "DropOdd", "transforms.a.predicate", "p", "transforms.a.x", "1", "transforms.b.type", "Gone"), []string{
			"Invalid value Nope for configuration value.converter: Class Nope could not be found: there is no such converter, available are: JSON, String",
			"Invalid value p for configuration transforms.a.predicate: is not in predicates",
			`Unknown configuration "transforms.a.x"`,
			"Invalid value Gone for configuration transforms.b.type: Class Gone could not be found"}},
		"half of topic creation": {sourceProps("topic.creation.default.partitions", "1"), []string{
			"topic.creation.default.replication.factor: must be set together with topic.creation.default.partitions"}},
		"exactly once required": {sourceProps("exactly.once.support", "required"), []string{"exactly.once.source.support=enabled"}},
	} {
		t.Run(name, func(t *testing.T) {
			errs, err := w.Validate(c.props)
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

func TestValidateUnknownConnector(t *testing.T) {
	cfg, err := worker.ParseConfig(map[string]string{"key.converter": "String", "value.converter": "JSON",
		"offset.storage.file.filename": "f"})
	if err != nil {
		t.Fatal(err)
	}
	w := worker.New(cfg, (&sink{}).plugin(), nil)
	if _, err := w.Validate(map[string]string{"name": "a"}); err == nil ||
		err.Error() != "Connector config {name} contains no connector type" {
		t.Errorf("Validate without a class = %v", err)
	}
	if _, err := w.Validate(map[string]string{"connector.class": "NoSuch"}); err == nil ||
		!strings.Contains(err.Error(), "which name matches NoSuch, available connectors are: TestSink") {
		t.Errorf("Validate of an unknown class = %v", err)
	}
}

func TestStartSaysWhyTheBrokerCannotBeUsed(t *testing.T) {
	for name, c := range map[string]struct {
		props map[string]string
		want  string
	}{
		"nobody there": {map[string]string{"bootstrap.servers": "127.0.0.1:1"}, "nothing listens there"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := worker.ParseConfig(workerProps(t, "", c.props))
			if err != nil {
				t.Fatal(err)
			}
			err = worker.New(cfg, connect.Plugins{}, nil).Start(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.props["bootstrap.servers"]) {
				t.Errorf("Start = %v, want %q and the address", err, c.want)
			}
		})
	}
}

func TestStartConnectorRefusesABadConfiguration(t *testing.T) {
	k := startKafka(t, 1, "in")
	w := startWorker(t, k.addr(), (&sink{}).plugin(), nil)
	_, err := w.StartConnector(t.Context(), sinkProps("tasks.max", "0"))
	var errs config.Errors
	if !errors.As(err, &errs) || len(errs) != 1 || errs[0].Key != "tasks.max" {
		t.Errorf("StartConnector = %v, want the error for tasks.max", err)
	}
}
