package plan_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/builtin"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/plan"
)

const examples = "../../examples/configs/"

// Each connector of the examples starts on each worker of the examples that can
// resolve its references, without a warning, and the README has a line about every
// file.
func TestExampleConfigurationsStart(t *testing.T) {
	t.Setenv("KAFKA_PASSWORD", "change-me")
	t.Setenv("ES_API_KEY", "YWJj")
	readme, err := os.ReadFile(examples + "README.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := func(file string) {
		if name := filepath.Base(file); !strings.Contains(string(readme), "["+name+"]("+name+")") {
			t.Errorf("README.md does not list %s", name)
		}
	}
	workers, connectors := glob(t, "*.properties"), glob(t, "*.json")
	for _, file := range workers {
		listed(file)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		w, err := plan.ParseConfig(readProperties(t, text))
		if err != nil || len(w.Warnings) > 0 {
			t.Fatalf("%s: %v", file, err)
		}
		for _, connector := range connectors {
			starts(t, w, connector, strings.Contains(string(text), "config.providers="))
		}
	}
	for _, file := range connectors {
		listed(file)
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(examples + pattern)
	if err != nil || len(files) < 2 {
		t.Fatalf("%d files match %s: %v", len(files), pattern, err)
	}
	return files
}

// starts compiles the connector of a file, which is refused when it needs providers
// that the worker does not have.
func starts(t *testing.T, w *plan.Worker, file string, providers bool) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var request api.CreateConnectorRequest
	if err := json.Unmarshal(text, &request); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	request.Config["name"] = request.Name
	c, errs, err := plan.Compile(w, builtin.Plugins(), request.Config)
	if strings.Contains(string(text), "${env:") && !providers {
		if !strings.Contains(errs.Error(), "has no config provider") {
			t.Errorf("%s: errors %v on a worker that resolves no references, want them refused", file, errs)
		}
		return
	}
	if err != nil || len(errs) > 0 {
		t.Errorf("%s: %v %v", file, err, errs)
		return
	}
	defer c.Close()
	if len(c.Warnings) > 0 {
		t.Errorf("%s: warnings %q, want none", file, c.Warnings)
	}
}
