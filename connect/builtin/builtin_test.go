package builtin_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/builtin"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/standalone"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/internal/buildinfo"
)

func TestPluginsHaveTheVersionOfTheBuild(t *testing.T) {
	p := builtin.Plugins()
	for name, got := range map[string]string{"source": p.Sources[0].Version, "sink": p.Sinks[0].Version,
		"converter": p.Converters[0].Version, "header converter": p.HeaderConverters[0].Version,
		"transform": p.Transforms[0].Version, "predicate": p.Predicates[0].Version} {
		if want := buildinfo.Version(); got != want {
			t.Errorf("version of a %s = %q, want %q", name, got, want)
		}
	}
}

// TestPluginsCanBeConfigured validates a configuration of every connector in
// the list, by its class and by each alias.
func TestPluginsCanBeConfigured(t *testing.T) {
	cfg, err := plan.ParseConfig(map[string]string{"offset.storage.file.filename": "f",
		"key.converter": "StringConverter", "value.converter": "JsonConverter"})
	if err != nil {
		t.Fatal(err)
	}
	h, err := standalone.New(cfg, builtin.Plugins(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var classes []string
	for _, p := range builtin.Plugins().Sources {
		classes = append(append(classes, p.Class), p.Aliases...)
	}
	for _, p := range builtin.Plugins().Sinks {
		classes = append(append(classes, p.Class), p.Aliases...)
	}
	for _, class := range classes {
		err := h.Check(map[string]string{"connector.class": class, "name": "x", "topics": "t", "topic": "t", "nonsense": "1"})
		if !errors.Is(err, herder.ErrInvalid) || !strings.Contains(err.Error(), `Unknown configuration "nonsense"`) {
			t.Errorf("Check of %s = %v, want it to find the unknown key", class, err)
		}
	}
	for _, p := range builtin.Plugins().Transforms {
		for _, name := range append([]string{p.Class}, p.Aliases...) {
			err := h.Check(map[string]string{"connector.class": "FileStreamSource", "name": "x", "topic": "t",
				"transforms": "a", "transforms.a.type": name, "transforms.a.nonsense": "1"})
			if err == nil || !strings.Contains(err.Error(), `Unknown configuration "transforms.a.nonsense"`) {
				t.Errorf("Check of transform %s = %v, want it to find the unknown key", name, err)
			}
		}
	}
}
