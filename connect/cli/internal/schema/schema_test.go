package schema

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/suiro/suiro/connect/builtin"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/internal/configfiles"
)

// compiled is the schema of some classes, all without a name, which must be one of the
// draft.
func compiled(t *testing.T, names ...string) *jsonschema.Schema {
	t.Helper()
	classes, err := chosen(builtin.Plugins(), names)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(document(builtin.Plugins(), classes))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("connector.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("connector.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t *testing.T, s *jsonschema.Schema, text []byte) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return s.Validate(value)
}

// Every connector of the examples is accepted, by the schema of all classes and by that of
// its own.
func TestExamplesAreAccepted(t *testing.T) {
	all := compiled(t)
	own := map[string]*jsonschema.Schema{}
	found := 0
	err := filepath.WalkDir("../../../../examples", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".json" {
			return err
		}
		c, err := configfiles.ReadConnector(path)
		if err != nil || c.Config[configfiles.ClassKey] == "" {
			return nil // another kind of file
		}
		found++
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		class := c.Config[configfiles.ClassKey]
		if own[class] == nil {
			own[class] = compiled(t, class)
		}
		for what, s := range map[string]*jsonschema.Schema{"all": all, class: own[class]} {
			if err := validate(t, s, text); err != nil {
				t.Errorf("%s by the schema of %s: %v", path, what, err)
			}
		}
		return nil
	})
	if err != nil || found < 10 {
		t.Errorf("%d examples, %v, want 10 at least", found, err)
	}
}

// What a worker accepts is accepted, in each form of a file: the configurations that others
// have for Kafka Connect.
func TestWhatAWorkerAcceptsIsAccepted(t *testing.T) {
	t.Setenv("SEARCH_PASSWORD", "change-me")
	files, err := filepath.Glob("../../../plan/testdata/others/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	s, accepted := compiled(t), 0
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			c, err := configfiles.ParseNamed(f.Name, f.Data)
			if err != nil || !strings.HasPrefix(f.Name, "connector") || !starts(t, a, c.Config) {
				continue
			}
			accepted++
			for _, form := range []any{c.Config, map[string]any{"name": c.Name, "config": c.Config}} {
				text, err := json.Marshal(form)
				if err != nil {
					t.Fatal(err)
				}
				if err := validate(t, s, text); err != nil {
					t.Errorf("%s: %v", file, err)
				}
			}
		}
	}
	if accepted < 10 {
		t.Errorf("%d configurations that start, want 10 at least", accepted)
	}
}

// starts reports whether a worker accepts a configuration.
func starts(t *testing.T, a *txtar.Archive, props map[string]string) bool {
	t.Helper()
	worker := map[string]string{"offset.storage.file.filename": "offsets", "key.converter": "StringConverter",
		"value.converter": "StringConverter"}
	for _, f := range a.Files {
		if strings.HasPrefix(f.Name, "worker") {
			own, err := config.ReadProperties(bytes.NewReader(f.Data))
			if err != nil {
				return false
			}
			maps.Copy(worker, own)
		}
	}
	w, err := plan.ParseConfig(worker)
	if err != nil {
		return false
	}
	c, errs, err := plan.Compile(w, builtin.Plugins(), props)
	if err != nil || len(errs) > 0 {
		return false
	}
	return c.Close() == nil
}

func TestWhatIsWrongIsMarked(t *testing.T) {
	s := compiled(t)
	const good = `{"name": "out", "config": {"connector.class": "FileStreamSink", "topics": "a", "file": "b"}}`
	for name, c := range map[string]struct{ text, at string }{
		"nothing":                {good, ""},
		"flat":                   {`{"name": "out", "connector.class": "org.example.FileStreamSinkConnector", "topics": "a", "file": "b"}`, ""},
		"numbers and booleans":   {`{"name": "in", "connector.class": "FileStreamSource", "topic": "a", "file": "b", "tasks.max": 2, "errors.log.enable": true}`, ""},
		"texts":                  {`{"name": "in", "connector.class": "FileStreamSource", "topic": "a", "file": "b", "tasks.max": " 2", "errors.log.enable": "TRUE"}`, ""},
		"references":             {`{"name": "in", "connector.class": "FileStreamSource", "topic": "a", "file": "b", "tasks.max": "${env:TASKS}", "errors.tolerance": "${env:A}"}`, ""},
		"any case":               {`{"name": "in", "connector.class": "FileStreamSource", "topic": "a", "file": "b", "errors.tolerance": "ALL"}`, ""},
		"a comment":              {`{"name": "in", "connector.class": "FileStreamSource", "topic": "a", "file": "b", "_comment": "c"}`, ""},
		"without effect":         {`{"name": "in", "connector.class": "FileStreamSource", "topic": "a", "file": "b", "confluent.license": "c"}`, ""},
		"a state":                {strings.Replace(good, `"name"`, `"initial_state": "stopped", "name"`, 1), ""},
		"nested":                 {`{"name": "in", "connector.class": "FileStreamSource", "topic": "a", "file": "b", "transforms": "x", "transforms.x.type": "org.apache.kafka.connect.transforms.Cast$Value", "transforms.x.spec": "a:int32", "transforms.x.negate": "true", "producer.override.linger.ms": 5, "topic.creation.default.partitions": 1, "topic.creation.default.replication.factor": -1, "topic.creation.default.cleanup.policy": "compact"}`, ""},
		"a class":                {strings.Replace(good, "FileStreamSink", "FileStreamSnk", 1), "connector.class"},
		"no class":               {strings.Replace(good, `"connector.class": "FileStreamSink", `, "", 1), "connector.class"},
		"no name":                {strings.Replace(good, `"name": "out", `, "", 1), "name"},
		"a misspelt key":         {strings.Replace(good, `"file"`, `"flie": 1, "file"`, 1), "flie"},
		"a key of another class": {strings.Replace(good, `"file"`, `"topic": "x", "file"`, 1), "topic"},
		"no topics":              {strings.Replace(good, `"topics": "a", `, "", 1), "topics"},
		"null":                   {strings.Replace(good, `"a"`, "null", 1), "topics"},
		"a list":                 {strings.Replace(good, `"a"`, `["a"]`, 1), "topics"},
		"a word for a number":    {strings.Replace(good, `"file"`, `"tasks.max": "many", "file"`, 1), "tasks.max"},
		"a number too small":     {strings.Replace(good, `"file"`, `"tasks.max": 0, "file"`, 1), "tasks.max"},
		"a choice":               {strings.Replace(good, `"file"`, `"errors.tolerance": "some", "file"`, 1), "errors.tolerance"},
		"a boolean":              {strings.Replace(good, `"file"`, `"errors.log.enable": "yes", "file"`, 1), "errors.log.enable"},
		"a transform":            {strings.Replace(good, `"file"`, `"transforms": "x", "transforms.x.type": "Csat$Value", "file"`, 1), "transforms.x.type"},
		"a transform's key":      {strings.Replace(good, `"file"`, `"transforms": "x", "transforms.x.spce": "a", "file"`, 1), "transforms.x.spce"},
		"a client's key":         {strings.Replace(good, `"file"`, `"consumer.override.max.pol.records": "5", "file"`, 1), "consumer.override.max.pol.records"},
		"a field":                {strings.Replace(good, `"name"`, `"inital_state": "STOPPED", "name"`, 1), "inital_state"},
	} {
		err := validate(t, s, []byte(c.text))
		switch {
		case c.at == "" && err != nil:
			t.Errorf("%s: %v, want it accepted", name, err)
		case c.at != "" && (err == nil || !strings.Contains(err.Error(), c.at)):
			t.Errorf("%s: %v, want an error at %s", name, err, c.at)
		}
	}
}

// The schema of all classes fits an editor's patience. Nearly half of it are the keys of the clients
// of mirrors, which have up to six kinds each.
func TestValuesAreShared(t *testing.T) {
	all, err := json.MarshalIndent(document(builtin.Plugins(), classesOf(builtin.Plugins())), "", "  ")
	if err != nil || len(all) > 800<<10 {
		t.Errorf("%d bytes, %v, want 800 KiB at most", len(all), err)
	}
}
