package connecttest

import (
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
)

// Parse parses a plugin's properties by its Def and checks them by its
// Validate, as the runtime does before it starts a connector or task. The test
// fails when something is wrong with them.
func Parse(t testing.TB, plugin connect.Info, props map[string]string) config.Values {
	t.Helper()
	v, err := TryParse(plugin, props)
	if err != nil {
		t.Fatalf("configuration of %s: %v", plugin.Class, err)
	}
	return v
}

// TryParse is [Parse] for configurations that may be wrong. The error is a
// [config.Errors] of every key that is.
func TryParse(plugin connect.Info, props map[string]string) (config.Values, error) {
	def := plugin.Def
	if def == nil {
		def = config.New()
	}
	v, err := def.Parse(props)
	if err != nil || plugin.Validate == nil {
		return v, err
	}
	return v, plugin.Validate(v).OrNil()
}
