package connecttest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/suiro/suiro/connect"
)

// ExampleConfigs checks every connector configuration whose file matches the glob
// pattern: it must have a name, belong to the plugin and be accepted by validate.
func ExampleConfigs(t testing.TB, pattern string, plugin connect.Info, validate func(props map[string]string) error) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no example configuration matches %s (%v)", pattern, err)
	}
	for _, file := range files {
		if err := exampleConfig(file, plugin, validate); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// reference is what a worker's config provider resolves.
var reference = regexp.MustCompile(`\$\{[^{}]*:[^{}]*\}`)

func exampleConfig(file string, plugin connect.Info, validate func(props map[string]string) error) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var c struct {
		Name   string
		Config map[string]string
	}
	if err := json.Unmarshal(b, &c); err != nil {
		return err
	}
	if c.Name == "" {
		return errors.New("it has no name")
	}
	for key, value := range c.Config {
		c.Config[key] = reference.ReplaceAllLiteralString(value, "resolved") // as a worker's config provider would
	}
	if class := c.Config["connector.class"]; !plugin.Is(class) {
		return fmt.Errorf("connector.class %q is not %s", class, plugin.Class)
	}
	return validate(c.Config)
}
