package clusters_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connectors/mirror/internal/clusters"
	"github.com/suiro/suiro/internal/kafka"
)

func parse(t *testing.T, props ...string) config.Values {
	t.Helper()
	m := map[string]string{}
	for i := 0; i < len(props); i += 2 {
		m[props[i]] = props[i+1]
	}
	v, err := config.New(clusters.Keys(kafka.Consumer, kafka.Producer)...).Parse(m)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// The more a prefix says, the more its keys count.
func TestKeysOfAClientAreLayered(t *testing.T) {
	v := parse(t, "source.cluster.bootstrap.servers", "east:9092", "source.cluster.request.timeout.ms", "1",
		"consumer.request.timeout.ms", "2", "consumer.fetch.min.bytes", "3", "source.consumer.fetch.min.bytes", "4",
		"source.admin.client.id", "mine", "target.cluster.bootstrap.servers", "west:9092")
	for _, c := range []struct {
		cluster   clusters.Cluster
		role      kafka.Role
		key, want string
	}{
		{clusters.Source, kafka.Consumer, "bootstrap.servers", "east:9092"},
		{clusters.Source, kafka.Consumer, "request.timeout.ms", "2"},
		{clusters.Source, kafka.Consumer, "fetch.min.bytes", "4"},
		{clusters.Source, kafka.Admin, "request.timeout.ms", "1"},
		{clusters.Source, kafka.Admin, "client.id", "mine"},
		{clusters.Source, kafka.Producer, "request.timeout.ms", "1"},
		{clusters.Target, kafka.Admin, "bootstrap.servers", "west:9092"},
		{clusters.Target, kafka.Admin, "request.timeout.ms", ""},
		{clusters.Target, kafka.Consumer, "fetch.min.bytes", "3"},
	} {
		if got, _ := c.cluster.Value(c.role, v, c.key); got != c.want {
			t.Errorf("%s of role %d of the %s cluster = %q, want %q", c.key, c.role, c.cluster, got, c.want)
		}
	}
	if _, err := clusters.Source.Options(kafka.Consumer, v); err != nil {
		t.Errorf("Options = %v", err)
	}
}

// An error names the key as it is in the configuration, and never shows a password.
func TestErrorsNameTheKeysThatWereWritten(t *testing.T) {
	for _, c := range []struct {
		props []string
		want  string
	}{
		{nil, "source.cluster.bootstrap.servers"},
		{[]string{"source.cluster.bootstrap.servers", "nowhere"}, "source.cluster.bootstrap.servers: must be host:port"},
		{[]string{"source.cluster.bootstrap.servers", "a:1", "consumer.security.protocol", "SASL_SSL",
			"source.cluster.sasl.password", "s3cret"}, "source.cluster.sasl.mechanism"},
	} {
		_, err := clusters.Source.Options(kafka.Consumer, parse(t, c.props...))
		var errs config.Errors
		if !errors.As(err, &errs) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("Options of %q = %v, want an error about %s", c.props, err, c.want)
		}
	}
}
