package plan_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/suiro/suiro/connect/builtin"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/plan"
)

var update = flag.Bool("update", false, "rewrite the want files of testdata")

// TestConfigurationsOfOthers runs the cases in testdata/others: the configuration
// of a worker or connector as people have it for Kafka Connect, and whether it
// starts here and with which warnings, or everything that is wrong with it.
func TestConfigurationsOfOthers(t *testing.T) {
	files, err := filepath.Glob("testdata/others/*.txtar")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d cases, %v, want at least 20", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { runOther(t, file) })
	}
}

func runOther(t *testing.T, file string) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	part := map[string]*txtar.File{}
	for i := range a.Files {
		part[a.Files[i].Name] = &a.Files[i]
	}
	got := outcome(t, part)
	if *update {
		part["want"].Data = []byte(got)
		if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want := string(part["want"].Data); got != want {
		t.Errorf("outcome =\n%s\nwant\n%s", got, want)
	}
}

// outcome says what becomes of the worker's properties, a small worker's when there
// are none, and of the connector's.
func outcome(t *testing.T, part map[string]*txtar.File) string {
	t.Setenv("SEARCH_PASSWORD", "change-me")
	worker := map[string]string{"key.converter": "StringConverter", "value.converter": "StringConverter",
		"offset.storage.file.filename": "offsets"}
	if f := part["worker.properties"]; f != nil {
		worker = readProperties(t, f.Data)
	}
	parse := plan.ParseConfig
	if plan.NamesGroup(worker) {
		parse = plan.ParseDistributed
	}
	w, err := parse(worker)
	if err != nil {
		return report("worker refused", nil, err)
	}
	props := connectorProps(t, part)
	c, errs, err := plan.Compile(w, builtin.Plugins(), props)
	switch {
	case err != nil:
		return report("refused", w.Warnings, err)
	case len(errs) > 0:
		return report("refused", w.Warnings, errs)
	}
	defer c.Close()
	return report("starts", append(w.Warnings, c.Warnings...), nil)
}

// connectorProps reads a connector's configuration: properties, an object with name
// and config, or a flat one.
func connectorProps(t *testing.T, part map[string]*txtar.File) map[string]string {
	if f := part["connector.properties"]; f != nil {
		return readProperties(t, f.Data)
	}
	text := part["connector.json"].Data
	var request api.CreateConnectorRequest
	if err := json.Unmarshal(text, &request); err != nil {
		t.Fatal(err)
	}
	if request.Config == nil {
		if err := json.Unmarshal(text, &request.Config); err != nil {
			t.Fatal(err)
		}
		return request.Config
	}
	request.Config["name"] = request.Name
	return request.Config
}

func readProperties(t *testing.T, text []byte) map[string]string {
	props, err := config.ReadProperties(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return props
}

// report is a line for the outcome, each warning and each error.
func report(outcome string, warnings []string, err error) string {
	var b strings.Builder
	fmt.Fprintln(&b, outcome)
	for _, w := range warnings {
		fmt.Fprintln(&b, "warning:", w)
	}
	if err != nil {
		fmt.Fprintln(&b, "error:", strings.ReplaceAll(err.Error(), "\n", "\nerror: "))
	}
	return b.String()
}
