package cli

import (
	"maps"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/herder/api"
)

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
		"properties, no name": {"in", "name in\nconnector.class FileStreamSource\ntasks.max 1\nfollow true", ""},
	} {
		got, err := readConnector(writeFile(t, c.file, c.text))
		if err != nil || got.Name != "in" || !maps.Equal(got.Config, want) || got.InitialState != c.initial {
			t.Errorf("%s: readConnector = %+v, %v, want %v in state %q", name, got, err, want, c.initial)
		}
	}
}

func TestConnectorFilesThatAreWrong(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"a state":        {`{"name":"in","config":{},"initial_state":"asleep"}`, `initial_state: initial state "asleep" is not one of RUNNING, PAUSED, STOPPED`},
		"a field":        {`{"name":"in","config":{},"inital_state":"PAUSED"}`, `field "inital_state" is unknown`},
		"a name":         {`{"name":7,"config":{}}`, "name: must be a string, not a number"},
		"a list":         {`{"name":"in","config":{"topics":["a"]}}`, "config: topics: must be a string, a number or a boolean"},
		"null":           {`{"name":"in","topics":null}`, "topics: must not be null"},
		"two names":      {`{"name":"in","config":{"name":"out"}}`, `name is "in", and "out" in config`},
		"no name":        {"connector.class=FileStreamSource", "name is missing"},
		"an array":       {`[{"name":"in"}]`, "is not a JSON object: a file holds one connector"},
		"nothing":        {" \n", "is empty"},
		"something more": {`{"name":"in"} x`, "something follows the JSON value"},
	} {
		_, err := readConnector(writeFile(t, "c", c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: readConnector = %v, want %q", name, err, c.want)
		}
	}
}
