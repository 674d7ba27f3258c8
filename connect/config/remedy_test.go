package config_test

import (
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/config"
)

// Kafka's sentence stays, and what to write follows it where that is clear.
func TestValuesOfTheWrongTypeComeWithWhatToWrite(t *testing.T) {
	def := config.New(
		config.Key{Name: "linger.ms", Type: config.Long},
		config.Key{Name: "delay.ms.max", Type: config.Int},
		config.Key{Name: "retry.timeout", Type: config.Long, Doc: "How long to try again, in milliseconds."},
		config.Key{Name: "flush.size", Type: config.Int},
		config.Key{Name: "replicas", Type: config.Short},
		config.Key{Name: "follow", Type: config.Boolean},
		config.Key{Name: "share", Type: config.Double},
	)
	for _, c := range []struct{ key, value, want string }{
		{"linger.ms", "10s", "Not a number of type LONG: write 10000, the number of milliseconds"},
		{"linger.ms", "1h30m", "write 5400000, the number of milliseconds"},
		{"linger.ms", "1 m", "write 60000, the number of milliseconds"},
		{"linger.ms", "7d", "write 604800000, the number of milliseconds"},
		{"linger.ms", "soon", "Not a number of type LONG"},
		{"delay.ms.max", "2s", "write 2000, the number of milliseconds"},
		{"retry.timeout", "5m", "write 300000, the number of milliseconds"},
		{"flush.size", "10s", "Not a number of type INT"},
		{"flush.size", "1_000", "write 1000"},
		{"flush.size", "10,000", "write 10000"},
		{"flush.size", "1e3", "write 1000"},
		{"flush.size", "5.0", "write 5"},
		{"flush.size", "5.5", "Not a number of type INT"},
		{"flush.size", "3000000000", "the greatest is 2147483647"},
		{"replicas", "-40000", "the smallest is -32768"},
		{"linger.ms", "9223372036854775808", "the greatest is 9223372036854775807"},
		{"follow", "yes", "Expected value to be either true or false: write true"},
		{"follow", "Off", "write false"},
		{"follow", "ture", "write true"},
		{"follow", "maybe", "either true or false"},
		{"share", "half", "Not a number of type DOUBLE"},
	} {
		_, err := def.Parse(map[string]string{c.key: c.value})
		if err == nil || !strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("%s=%s: %v, want it to end with %q", c.key, c.value, err, c.want)
		}
	}
}
