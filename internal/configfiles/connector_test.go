package configfiles

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/herder/api"
)

func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The forms in which people keep a connector all mean the same.
func TestConnectorFilesOfEveryForm(t *testing.T) {
	want := map[string]string{"name": "in", "connector.class": "FileStreamSource", "tasks.max": "1", "follow": "true"}
	for name, c := range map[string]struct {
		file, text string
		initial    api.InitialState
	}{
		"a request":           {"in.json", `{"name":"in","config":{"connector.class":"FileStreamSource","tasks.max":1,"follow":true}}`, ""},
		"a request, paused":   {"in.json", `{"name":"in","initial_state":"paused","config":{"connector.class":"FileStreamSource","tasks.max":"1","follow":"true"}}`, api.InitialPaused},
		"what GET answered":   {"in.json", `{"name":"in","config":{"name":"in","connector.class":"FileStreamSource","tasks.max":"1","follow":"true"},"tasks":[{"connector":"in","task":0}],"type":"source"}`, ""},
		"a flat map":          {"in.json", "\ufeff\n{\"name\":\"in\",\"connector.class\":\"FileStreamSource\",\"tasks.max\":1,\"follow\":true}", ""},
		"JSON called conf":    {"in.conf", `{"name":"in","connector.class":"FileStreamSource","tasks.max":1,"follow":true}`, ""},
		"properties":          {"in.properties", "name=in\nconnector.class=FileStreamSource\ntasks.max=1\nfollow=true\n", ""},
		"properties in conf":  {"in.conf", "# a comment\nname=in\nconnector.class=FileStreamSource\ntasks.max=1\nfollow=true\n", ""},
		"YAML":                {"in.yaml", "name: in\nconfig:\n  connector.class: FileStreamSource\n  tasks.max: 1\n  follow: true\n", ""},
		"flat YAML":           {"in.yml", "---\nname: in\nconnector.class: 'FileStreamSource'\ntasks.max: 1\nfollow: true\n", ""},
		"YAML in conf":        {"in.conf", "\ufeffname: in\ninitial_state: PAUSED\nconfig:\n  connector.class: FileStreamSource\n  tasks.max: 1\n  follow: true\n", "PAUSED"},
		"properties, no name": {"in", "name in\nconnector.class FileStreamSource\ntasks.max 1\nfollow true", ""},
	} {
		got, err := ReadConnector(writeFile(t, c.file, c.text))
		if err != nil || got.Name != "in" || !maps.Equal(got.Config, want) || got.InitialState != c.initial {
			t.Errorf("%s: ReadConnector = %+v, %v, want %v in state %q", name, got, err, want, c.initial)
		}
	}
}

func TestConnectorFilesThatAreWrong(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"a state":         {`{"name":"in","config":{},"initial_state":"asleep"}`, `initial_state: initial state "asleep" is not one of RUNNING, PAUSED, STOPPED`},
		"a field":         {`{"name":"in","config":{},"inital_state":"PAUSED"}`, `field "inital_state" is unknown, did you mean "initial_state"?`},
		"a name":          {`{"name":7,"config":{}}`, "name: must be a string, not a number"},
		"config misspelt": {`{"name":"in","confg":{"topic":"a"}}`, `field "confg" is unknown, did you mean "config"?`},
		"a list":          {`{"name":"in","config":{"topics":["a"]}}`, "config: topics: must be a string, a number or a boolean"},
		"null":            {`{"name":"in","topics":null}`, "topics: must not be null"},
		"two names":       {`{"name":"in","config":{"name":"out"}}`, `name is "in", and "out" in config`},
		"no name":         {"connector.class=FileStreamSource", "name is missing"},
		"an array":        {`[{"name":"in"}]`, "is not a JSON object: a file holds one connector"},
		"nothing":         {" \n", "is empty"},
		"something more":  {"{\"name\":\"in\"}\nx", "something follows the JSON value in line 2"},
		"a comma":         {"{\"name\":\"in\",\n\"config\":{},\n}", "is not a JSON object: line 3: invalid character"},
		"a brace":         {`{"name":"in","config":{`, "it ends before it is complete: is a brace or a quotation mark missing?"},
		"Kubernetes":      {"---\napiVersion: kafka.strimzi.io/v1\nmetadata:\n  name: in\n", "is a Kubernetes resource: a connector's configuration is"},
		"a worker":        {"bootstrap.servers=a:1\nkey.converter=x\n", "is a worker's configuration: name it with --config, and connectors after it"},
	} {
		_, err := ReadConnector(writeFile(t, "c", c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: ReadConnector = %v, want %q", name, err, c.want)
		}
	}
}

func TestWorkerFilesThatAreWrong(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"a connector in JSON": {`{"name":"in","config":{"connector.class":"FileStreamSource"}}`,
			"is a connector's configuration: name the worker's properties file with --config, and connectors after it"},
		"a connector": {"name=in\nconnector.class=FileStreamSource\nkey.converter=StringConverter\n", "is a connector's configuration"},
		"JSON":        {`{"bootstrap.servers":"a:1"}`, "is JSON, and a worker's configuration is a properties file: lines of key=value"},
		"nothing":     {"# nothing\n", "is empty: a worker needs at least bootstrap.servers, key.converter"},
		"YAML":        {"config:\n  key.converter: x\n", "looks like YAML"},
	} {
		path := writeFile(t, "w", c.text)
		_, err := ReadWorker(path)
		if err == nil || !strings.HasPrefix(err.Error(), path+": "+c.want) {
			t.Errorf("%s: ReadWorker = %v, want %q", name, err, c.want)
		}
	}
	dir := t.TempDir()
	if _, err := ReadWorker(dir); err == nil || err.Error() != dir+": is a folder: name a file in it" {
		t.Errorf("ReadWorker of a folder = %v", err)
	}
	if _, err := ReadConnector(dir); err == nil || err.Error() != dir+": is a folder: name a file in it" {
		t.Errorf("ReadConnector of a folder = %v", err)
	}
}

// A file that is no connector's, or means two things at once, is refused before anything
// is made of it.
func TestHostileConnectorFiles(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"twice": {`{"name":"in","config":{"topic":"a","topic":"b"}}`, `"topic" is there twice`},
		"twice, flat": {`{"name":"in","topic":"a","connector.class":"FileStreamSource","topic":"b"}`,
			`"topic" is there twice`},
		"deep":     {`{"name":"in","config":` + strings.Repeat(`{"a":`, 1_000_000) + "1" + strings.Repeat("}", 1_000_000) + "}", ""},
		"too long": {`{"name":"in","config":{"a":"` + strings.Repeat("x", 20<<20) + `"}}`, "has more than 16 MiB"},
	} {
		got, err := ReadConnector(writeFile(t, "in.json", c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) || len(err.Error()) > 1000 {
			t.Errorf("%s: %v, %.500v, want an error with %q", name, got.Name, err, c.want)
		}
	}
	if _, err := ReadConnector("/dev/zero"); err == nil || !strings.Contains(err.Error(), "has more than 16 MiB") {
		t.Errorf("ReadConnector(/dev/zero) = %v, want it refused", err)
	}
	if _, err := ReadWorker("/dev/zero"); err == nil || !strings.Contains(err.Error(), "has more than 16 MiB") {
		t.Errorf("ReadWorker(/dev/zero) = %v, want it refused", err)
	}
}
