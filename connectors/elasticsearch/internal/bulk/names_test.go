package bulk

import (
	"strings"
	"testing"
)

func TestIndexNames(t *testing.T) {
	for in, want := range map[string]string{
		"Access": "access", "_a": "a", "-a": "a", ".": "dot", "..": "dotdot", ".a": ".a", "a.b-c_d": "a.b-c_d",
		strings.Repeat("é", 200): strings.Repeat("é", 127),
		"":                       "", "_": "", "--a": "", "a b": "", "a/b": "", "a#b": "", "+a": "",
	} {
		got, err := indexName(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("indexName(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
}

func TestDataStreamNames(t *testing.T) {
	for _, c := range []struct{ dataset, namespace, want string }{
		{"web", "${topic}", "logs-web-access"}, {"${topic}", "default", "logs-access-default"},
	} {
		got, err := dataStreamName("LOGS", c.dataset, c.namespace, "Access")
		if got != c.want || err != nil {
			t.Errorf("dataStreamName(%+v) = %q, %v", c, got, err)
		}
	}
}
