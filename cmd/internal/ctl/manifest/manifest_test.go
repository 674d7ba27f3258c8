package manifest

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/herder/api"
)

// The same connector in every form.
func TestFormsOfAFile(t *testing.T) {
	want := map[string]string{"name": "in", "connector.class": "C", "tasks.max": "2", "on": "yes", "at": "007"}
	for name, text := range map[string]string{
		"JSON":       `{"name":"in","config":{"connector.class":"C","tasks.max":2,"on":"yes","at":"007"}}`,
		"properties": "name=in\nconnector.class=C\ntasks.max=2\non=yes\nat=007\n",
		"YAML":       "name: in\nconfig:\n  connector.class: C\n  tasks.max: 2\n  on: yes\n  at: 007\n",
		"marked":     "\ufeff---\nname: in\nconfig:\n  connector.class: C\n  tasks.max: 2\n  on: yes\n  at: 007\n",
	} {
		got, err := Read("-", strings.NewReader(text))
		if err != nil || got.Name != "in" || !maps.Equal(got.Config, want) {
			t.Errorf("%s: %+v, %v, want %v", name, got, err, want)
		}
	}
}

func TestDiff(t *testing.T) {
	infos := api.ConfigInfos{Configs: []api.ConfigInfo{{Definition: &api.ConfigKeyInfo{Type: "PASSWORD"}, Value: api.ConfigValueInfo{Name: "login"}}}}
	old := map[string]string{"same": "1", "gone": "2", "changed": "3", "login": "a", "hidden": Hidden, "proxy.url": "http://a:b@c"}
	now := map[string]string{"same": "1", "changed": "4", "login": "b", "sasl.jaas.config": "c", "hidden": Hidden, "my.token": "${file:/run/t:k}"}
	var got []string
	for _, c := range Diff(old, now, infos) {
		got = append(got, c.String())
	}
	want := "~ changed = 4 (was 3)|- gone = 2|~ hidden = [hidden] (was [hidden])|~ login = [hidden] (was [hidden])|+ my.token = ${file:/run/t:k}|- proxy.url = http://[hidden]@c|+ sasl.jaas.config = [hidden]"
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("diff %s, want %s", s, want)
	}
	if d := Diff(map[string]string{"a": "1"}, map[string]string{"a": "1"}, infos); len(d) > 0 {
		t.Errorf("the same differs in %v", d)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("cut off") }

func TestStandardInputIsBounded(t *testing.T) {
	if _, err := Text("-", endless{}); err == nil || !strings.Contains(err.Error(), "has more than 16 MiB") {
		t.Errorf("an endless input: %v", err)
	}
	if _, err := Text("-", broken{}); err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("a broken input: %v", err)
	}
}
