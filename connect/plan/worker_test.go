package plan_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/plan"
)

func TestParseConfigReportsEverything(t *testing.T) {
	_, err := plan.ParseConfig(map[string]string{"bootstrap.server": "x:1", "offset.flush.interval.ms": "0",
		"producer.linger": "5", "value.converter": "JSON"})
	want := strings.Join([]string{
		`Missing required configuration "key.converter" which has no default value.`,
		`Invalid value 0 for configuration offset.flush.interval.ms: Value must be at least 1`,
		`Unknown configuration "bootstrap.server", did you mean "bootstrap.servers"?`,
		`Unknown configuration "producer.linger", did you mean "producer.linger.ms"?`,
		`Invalid value  for configuration offset.storage.file.filename: set it, or offset.storage.topic`,
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
		"a key of one client": {map[string]string{"offset.storage.topic": "t", "producer.linger.ms": "5s"},
			"Invalid value 5s for configuration producer.linger.ms: "},
		"security": {map[string]string{"offset.storage.topic": "t", "security.protocol": "SASL_SSL"},
			"sasl.mechanism: needed by security.protocol SASL_SSL"},
		"a listener for everyone": {map[string]string{"offset.storage.topic": "t",
			"listeners": "http://127.0.0.1:8083,http://:8084"}, "Invalid value http://:8084 for configuration listeners: other machines"},
		"a lock without users": {map[string]string{"offset.storage.topic": "t", "listeners": "http://10.0.0.1:8083",
			"rest.authentication": "basic", "rest.roles": "a=admin"}, "rest.basic.credentials.file: is needed by"},
	} {
		t.Run(name, func(t *testing.T) {
			props := maps.Clone(base)
			maps.Copy(props, c.more)
			_, err := plan.ParseConfig(props)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("ParseConfig = %v, want it to hold %q", err, c.want)
			}
			if got := strings.Count(err.Error(), c.want); got != 1 {
				t.Errorf("the error comes %d times, want once: %v", got, err)
			}
		})
	}
}

func TestConnectorsOverrideWhatTheWorkerAllows(t *testing.T) {
	w := parseWorker(t, map[string]string{"connector.client.config.override.policy": "Allowlist",
		"connector.client.config.override.allowlist": "max.poll.records"})
	compile(t, w, sinkProps("consumer.override.max.poll.records", "7"))
	_, errs, err := plan.Compile(w, plugins(new([]*thing)), sinkProps("consumer.override.sasl.jaas.config", "a secret"))
	if err != nil || len(errs) == 0 || errs[0].Key != "consumer.override.sasl.jaas.config" ||
		strings.Contains(errs.Error(), "a secret") {
		t.Errorf("errors of a key that is not allowed = %v, %v", errs, err)
	}
}
