package overrides

import (
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/config"
)

func TestPoliciesAllowWhatJavasDo(t *testing.T) {
	connector := map[string]string{"producer.override.linger.ms": "5", "producer.override.sasl.jaas.config": "x",
		"consumer.override.linger.ms": "1", "linger.ms": "7"}
	for _, c := range []struct{ policy, allowlist, refused string }{
		{"All", "", ""},
		{"all", "linger.ms", ""},
		{"None", "linger.ms", "linger.ms sasl.jaas.config"},
		{"Principal", "", "linger.ms"},
		{"Allowlist", "", "linger.ms sasl.jaas.config"},
		{"Allowlist", "linger.ms,acks", "sasl.jaas.config"},
		{"org.apache.kafka.connect.connector.policy.PrincipalConnectorClientConfigOverridePolicy", "", "linger.ms"},
		{"NoneConnectorClientConfigOverridePolicy", "", "linger.ms sasl.jaas.config"},
	} {
		values, err := config.New(Keys()...).Parse(map[string]string{policyKey: c.policy, allowKey: c.allowlist})
		if err != nil {
			t.Errorf("%s: %v", c.policy, err)
			continue
		}
		var refused []string
		for _, e := range New(values).Check(connector, "producer.override.") {
			refused = append(refused, strings.TrimPrefix(e.Key, "producer.override."))
			if strings.Contains(e.Error(), connector[e.Key]) && len(connector[e.Key]) > 1 {
				t.Errorf("%s: %v shows the value", c.policy, e)
			}
		}
		if got := strings.Join(refused, " "); got != c.refused {
			t.Errorf("%s with %q refuses %q, want %q", c.policy, c.allowlist, got, c.refused)
		}
	}
}

func TestAPolicyThatThereIsNotIsRefused(t *testing.T) {
	_, err := config.New(Keys()...).Parse(map[string]string{policyKey: "com.example.Strict"})
	if err == nil || !strings.Contains(err.Error(), "write All, Allowlist, Principal or None") {
		t.Errorf("Parse = %v, want what to write", err)
	}
}
