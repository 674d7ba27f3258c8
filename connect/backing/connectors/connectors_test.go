package connectors_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/backing/connectors"
	"github.com/suiro/suiro/connect/herder/api"
)

func open(t *testing.T, path string) *connectors.Store {
	t.Helper()
	s, err := connectors.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestConnectorsComeBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "connectors")
	s := open(t, path)
	a := api.CreateConnectorRequest{Name: "a", Config: api.Config{"name": "a", "x": "1"}, InitialState: api.InitialPaused}
	b := api.CreateConnectorRequest{Name: "b", Config: api.Config{"name": "b"}, InitialState: api.InitialRunning}
	for _, each := range []api.CreateConnectorRequest{b, a, {Name: "gone", Config: api.Config{}}} {
		if err := s.Put(each); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Remove("gone"); err != nil {
		t.Fatal(err)
	}
	if err := s.Remove("never"); err != nil {
		t.Errorf("Remove of what is not kept = %v, want no error", err)
	}
	if _, err := connectors.Open(path); err == nil || !strings.Contains(err.Error(), "another worker uses it") {
		t.Errorf("Open of a file in use = %v, want an error that says so", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got, want := open(t, path).All(), []api.CreateConnectorRequest{a, b}; !reflect.DeepEqual(got, want) {
		t.Errorf("connectors = %+v, want %+v", got, want)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %v, %v, want 0600", info, err)
	}
}

func TestOpenRefusesWhatItDidNotWrite(t *testing.T) {
	for text, want := range map[string]string{
		``:                    "EOF",
		`{"connectors":[`:     "remove it to start without",
		`{"connector":[]}`:    "unknown field",
		`{"connectors":[]} x`: "text after the JSON object",
		`{"connectors":[{}]}`: "has no name",
		`{"connectors":[{"name":"a","config":{}},{"name":"a","config":{}}]}`:            "connector a twice",
		`{"connectors":[{"name":"a","config":{},"initial_state":"GONE"}]}`:              "is not one of RUNNING",
		`{"connectors":[{"name":"a","config":{"file":{"nested":"object"}}}],"more":[]}`: "file",
	} {
		path := filepath.Join(t.TempDir(), "connectors")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := connectors.Open(path); err == nil || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), path) {
			t.Errorf("Open of %s = %v, want an error that names the file and says %q", text, err, want)
		}
	}
}
