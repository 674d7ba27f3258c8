package connecttest

import (
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
)

// Parse parses properties with a plugin's Def and checks them with its Validate,
// as the runtime does before it starts a connector. An error fails the test.
func Parse(t testing.TB, plugin connect.Info, props map[string]string) config.Values {
	t.Helper()
	v, err := TryParse(plugin, props)
	if err != nil {
		t.Fatalf("configuration of %s: %v", plugin.Class, err)
	}
	return v
}

// TryParse is [Parse] for configurations that may be wrong. The error is a
// [config.Errors] with an entry for each wrong key.
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
