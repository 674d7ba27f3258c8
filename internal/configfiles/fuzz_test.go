package configfiles

import (
	"strings"
	"testing"
)

// A file that is read is a connector with a name; nothing else makes it panic.
func FuzzConnector(f *testing.F) {
	for _, seed := range []string{
		`{"name":"in","config":{"connector.class":"FileStreamSource","tasks.max":1,"follow":true},"initial_state":"paused"}`,
		`{"name":"in","connector.class":"FileStreamSource"}`, "name=in\nconnector.class=FileStreamSource\n",
		`{"name":"in","config":null}`, `{"config":{}}`, "[]", "name: in\nconfig:\n", "", `{"name":"in"} x`, "\\u12",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := ParseConnector(text)
		if err == nil && (strings.TrimSpace(c.Name) == "" || c.Config["name"] != c.Name) {
			t.Errorf("%q is read as %+v, want a name that the configuration has too", text, c)
		}
	})
}
