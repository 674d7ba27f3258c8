package config_test

import (
	"testing"

	"github.com/suiro/suiro/connect/config"
)

func TestUnknownKeyNamesTheNearest(t *testing.T) {
	known := []string{"bootstrap.servers", "offset.flush.interval.ms", "topic", "topics", "file"}
	for name, want := range map[string]string{
		"bootstrap.server":        `Unknown configuration "bootstrap.server", did you mean "bootstrap.servers"?`,
		"offset.flush.intervalms": `Unknown configuration "offset.flush.intervalms", did you mean "offset.flush.interval.ms"?`,
		"topci":                   `Unknown configuration "topci", did you mean "topic"?`,
		"fiel":                    `Unknown configuration "fiel", did you mean "file"?`,
		"compression":             `Unknown configuration "compression"`,
	} {
		if got := config.UnknownKey(name, known).Error(); got != want {
			t.Errorf("UnknownKey(%q) = %s, want %s", name, got, want)
		}
	}
}
